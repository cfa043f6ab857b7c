import Execution
import Glibc
import System
import VM

/// Decides with the first order what supervises a machine, and uses it for all orders.
///
/// - A monit whose control file is the VM's own `bosh/etc/monitrc`, if it answers.
/// - The monit of the operating system, if it answers and knows every process that the release jobs
///   declare: on a developer's computer it may be there for something else.
/// - systemd, if it booted the machine and some release job names its units.
/// - Otherwise `ctl`.
final class AutoSupervisor: Supervisor {
  private let vm: VMFolder
  private let machinery: Machinery
  private var chosen: (any Supervisor)?
  private var refusal: String?
  /// Reported with the first order: the VM's own monit is not used.
  private var notice: String?
  private var waiting: [() -> Void] = []
  private var client: MonitClient?
  /// Sends a remark to the waiting orders while the choice is open.
  private var tellings: [(String) -> Void] = []

  /// The pause before a monit that does not listen yet is asked again.
  private static let pause = Duration.milliseconds(500)

  /// Relative to the VM's folder; the place that BOSH's agent uses.
  static let ownControlFile = "bosh/etc/monitrc"
  /// The places that Debian and others use.
  static let systemControlFiles = ["/etc/monit/monitrc", "/etc/monitrc"]

  init(vm: VMFolder, _ machinery: Machinery) {
    self.vm = vm
    self.machinery = machinery
  }

  func begin(
    _ order: SupervisorOrder,
    ended: @escaping (AttemptResult) -> Void
  ) -> any Attempt {
    let attempt = UndecidedOrder(ended)
    if chosen == nil, refusal == nil { tellings.append { order.remark(.state, $0) } }
    waiting.append { [self] in
      if let chosen {
        if let notice { order.remark(.warning, notice) }
        notice = nil
        attempt.begin { chosen.begin(order, ended: $0) }
      } else {
        attempt.end(.failed(refusal ?? "no supervisor"))
      }
    }
    _ = machinery.loop.arm(at: .now) { [self] in decide() }
    return attempt
  }

  private func decide() {
    if chosen != nil || refusal != nil { return settle() }
    if client != nil { return }
    let own = "\(vm.path)/\(Self.ownControlFile)"
    if FileStatus(own, follow: true) != nil {
      do throws(PlainFailure) {
        return ask(try MonitSettings.read(own), mustKnow: [])
      } catch {
        refusal = "\(error.words); or choose with --supervisor ctl or monit=FILE"
        return settle()
      }
    }
    for path in Self.systemControlFiles {
      guard let settings = try? MonitSettings.read(path) else { continue }
      let names = vm.releaseJobs.flatMap { releaseJob in
        ((try? ReleaseJobProcesses.read(of: releaseJob.text, on: vm)) ?? []).map(\.name)
      }
      return ask(settings, mustKnow: names.isEmpty ? nil : names)
    }
    chooseWithoutMonit()
  }

  /// Asks a monit whether it answers; nil for `mustKnow` means that it would not do in any case.
  private func ask(_ settings: MonitSettings, mustKnow names: [String]?) {
    guard let names else { return chooseWithoutMonit() }
    let client = MonitClient(settings, on: machinery.loop)
    self.client = client
    client.status { [self] result in
      switch result {
      case .success(let status) where names.allSatisfy { status.services[$0] != nil }:
        chosen = MonitSupervisor(settings, vm: vm, machinery)
        settle()
      case .failure(.refused(let reason)) where names.isEmpty:
        refusal = reason
        settle()
      case .success: chooseWithoutMonit()
      case .failure(.unreachable) where names.isEmpty && MonitDaemon.isInStartDelay(settings):
        for tell in tellings { tell(settings.startDelayWords) }
        tellings = []
        _ = machinery.loop.arm(after: Self.pause) { [self] in ask(settings, mustKnow: names) }
      case .failure(let failure):
        // A VM's own monit is supposed to do it.
        if names.isEmpty { notice = Self.words(failure, client.shown) }
        chooseWithoutMonit()
      }
    }
  }

  private static func words(_ failure: MonitClient.Failure, _ place: String) -> String {
    let reason =
      switch failure {
      case .unreachable(let words): "does not answer (\(words))"
      case .busy: "is busy"
      case .refused(let words): words
      }
    return "the VM's monit at \(place) \(reason), so processes are started and stopped without it; "
      + "--supervisor monit insists on it"
  }

  private func chooseWithoutMonit() {
    if SystemdUnits.areMapped(on: vm), FileStatus(Systemctl.bootedFolder, follow: true) != nil {
      do throws(PlainFailure) {
        chosen = try SystemdSupervisor(nil, vm: vm, machinery)
      } catch {
        refusal = error.words
      }
      return settle()
    }
    do throws(SystemError) {
      chosen = try CtlSupervisor(vm: vm, machinery)
    } catch {
      refusal = error.description
    }
    settle()
  }

  private func settle() {
    tellings = []
    let ready = waiting
    waiting.removeAll()
    for begin in ready { begin() }
  }
}
