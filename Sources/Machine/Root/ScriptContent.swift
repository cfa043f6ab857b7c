import CLinux
import Execution
import Glibc
package import PlanGraph

/// What the scripts of a graph's steps hold.
package struct ScriptContents {
  private let machines: MachineOfSubject
  private let graph: Graph
  private var known: [Name: UInt64?] = [:]

  private struct Name: Hashable {
    var machine: Int
    var releaseJob: String
    var script: String
  }

  /// The most that is read of one, in bytes.
  private static let limit = 1 << 24

  /// Makes ready to look.
  ///
  /// - Parameters:
  ///   - graph: the plan on its subjects.
  ///   - roots: the machine of each instance.
  package init(_ graph: Graph, _ roots: [SubjectID: VMRoot]) {
    self.graph = graph
    machines = MachineOfSubject(graph.subjects, roots)
  }

  /// A digest of what a step's script holds, now or when it was first asked for; nil where the step
  /// has none, or it cannot be read.
  package mutating func digest(_ node: NodeID) -> UInt64? {
    guard case .script(let script)? = graph.step(node)?.action,
      let machine = machines.index(of: graph[node].subject)
    else { return nil }
    let name = Name(
      machine: machine,
      releaseJob: graph.subjects.name(graph[node].subject),
      script: script
    )
    if let digest = known[name] { return digest }
    let digest = Self.digest(name, machines.roots[machine])
    known[name] = digest
    return digest
  }

  private static func digest(_ name: Name, _ root: VMRoot) -> UInt64? {
    guard CheckedName.refusal(of: name.releaseJob) == nil,
      CheckedName.refusal(of: name.script) == nil,
      let file = try? Descriptor(
        lockstep_openat(
          root.folder.number,
          VMRoot.scriptPath(name.releaseJob, name.script),
          O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
          0
        ),
        "open a script"
      )
    else { return nil }
    var digest = Digest64()
    var total = 0
    let isWhole = withUnsafeTemporaryAllocation(byteCount: 1 << 14, alignment: 16) { buffer in
      while total < Self.limit {
        let count = read(file.number, buffer.baseAddress, buffer.count)
        if count < 0, errno == EINTR { continue }
        if count <= 0 { return count == 0 }
        digest.add(buffer[..<count])
        total += count
      }
      return true
    }
    return isWhole ? digest.value : nil
  }
}
