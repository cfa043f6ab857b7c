import Execution
import System
import VM

/// Has systemd start and stop the units of release jobs.
///
/// There is nothing to `unmonitor`: systemd restarts a unit that ends by itself if the unit's
/// `Restart=` says so, also during a drain.
final class SystemdSupervisor: Supervisor {
  private let vm: VMFolder
  private let machinery: Machinery
  private let systemctl: Systemctl

  /// Makes it; `program` is the `systemctl` to call, nil for the machine's own.
  ///
  /// - Throws: an error if there is none; one line for people.
  init(_ program: String?, vm: VMFolder, _ machinery: Machinery) throws(PlainFailure) {
    self.vm = vm
    self.machinery = machinery
    systemctl = try Systemctl(program, machinery)
  }

  func begin(
    _ order: SupervisorOrder,
    ended: @escaping (AttemptResult) -> Void
  ) -> any Attempt {
    DeferredAttempt(machinery.loop, ended: ended) { [self] ended in
      var units = order.units
      do throws(PlainFailure) {
        for releaseJob in units.isEmpty ? order.releaseJobs : [] {
          for unit in try SystemdUnits.read(of: releaseJob, on: vm) where !units.contains(unit) {
            units.append(unit)
          }
        }
      } catch {
        ended(.failed(error.words))
        return nil
      }
      let operation = SystemdOperation(
        order,
        units: units,
        systemctl,
        on: machinery.loop,
        ended: ended
      )
      return (operation, { operation.begin() })
    }
  }
}
