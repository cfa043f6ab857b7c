import Glibc
package import PlanGraph
import System
import VM

/// The end of what the last attempt of a step wrote to its logs.
package struct LogTail: Sendable {
  /// The beginning of the logs' paths, absolute; nil if the step has none.
  package var path: String?
  /// Whether it is known where the last attempt began to write.
  package var isKnown = true
  package var stdout: [UInt8] = []
  package var stderr: [UInt8] = []
  /// What the step said of its failure itself; nil if it said nothing.
  package var words: String?
}

extension LiveMachine {
  /// The end of what the last attempt of a step wrote, so that nobody is shown the words of an earlier
  /// attempt or run as its own.
  ///
  /// - Parameter node: a step.
  /// - Returns: the end, or as much as is known.
  package func logTail(of node: NodeID) -> LogTail {
    var tail = LogTail()
    tail.words = lastWords[node]
    guard let launcher = launcher(of: node),
      let stem = launcher.names.stem(graph[node].template)
    else { return tail }
    let vm = launcher.vm
    let folder = nameOfReleaseJob(node) ?? StepLogNames.commonFolder
    let path = vm.absolute("\(vm.logsPath)/\(folder)/\(stem)")
    tail.path = path
    guard let beginnings = logBeginnings(of: node) else {
      tail.isKnown = false
      return tail
    }
    let most = 4096
    tail.stdout = lastBytes(of: "\(path).stdout.log", from: beginnings.stdout, most: most)
    tail.stderr = lastBytes(of: "\(path).stderr.log", from: beginnings.stderr, most: most)
    return tail
  }
}
