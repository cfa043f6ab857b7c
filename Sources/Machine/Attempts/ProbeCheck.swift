import Execution
import Glibc
import PlanGraph
import System
import VM
import Words

extension Probe {
  /// How one check of it is made.
  ///
  /// - Parameters:
  ///   - vm: the VM in whose working folder relative paths start.
  ///   - machinery: the loop and what belongs to it.
  ///   - launch: starts the command of a `wait command`.
  /// - Returns: what `WaitAttempt` begins each check with.
  func check(
    on vm: VMFolder,
    _ machinery: Machinery,
    launch: @escaping (Command) throws(LaunchFailure) -> LaunchedProcess
  ) -> WaitAttempt.Begin {
    switch self {
    case .file(let path):
      return { answered in
        let isThere = pathExists(path, in: vm.workingFolder.number)
        answered(isThere ? .yes : .no("\(path) does not exist"))
        return nil
      }
    case .tcp(let text):
      guard let endpoint = Endpoint(text) else {
        return { answered in
          answered(.never("\(quoted(text)) is not HOST:PORT, such as \"127.0.0.1:8080\""))
          return nil
        }
      }
      return { answered in
        .connection(
          Connecting(
            endpoint,
            on: machinery.loop,
            connected: { _ in answered(.yes) },
            failed: { answered(.no($0)) }
          )
        )
      }
    case .command(let command):
      return { answered in
        .process(
          ProcessAttempt(
            machinery,
            launch: { () throws(LaunchFailure) -> LaunchedProcess in try launch(command) },
            started: { _ in },
            ended: { result in
              switch result {
              case .exited(0): answered(.yes)
              case .exited(let status): answered(.no("the command ended with status \(status)"))
              case .signalled(let number): answered(.no("signal \(number) ended the command"))
              case .failed(let reason), .refused(let reason): answered(.never(reason))
              case .lost, .notStarted: answered(.no("it is unknown how the command ended"))
              }
            }
          )
        )
      }
    }
  }
}
