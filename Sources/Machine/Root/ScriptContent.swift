import CLinux
import Execution
import Glibc
package import PlanGraph

/// What the scripts of a graph's steps hold, as digests to compare.
package struct ScriptContents {
  private let machines: MachineOfSubject
  private let graph: Graph
  private var known: [Name: UInt64?] = [:]

  private struct Name: Hashable {
    var machine: Int
    var releaseJob: String
    var script: String
  }

  /// Up to how many bytes it is what a file holds that counts; of a longer one, which is mostly a
  /// program, it is the length and the time of the last change.
  private static let limit = 1 << 14

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
    var status = stat()
    guard fstat(file.number, &status) == 0, status.isRegular else { return nil }
    var digest = Digest64()
    digest.add(UInt64(status.st_size))
    if status.st_size > Self.limit {
      digest.add(UInt64(bitPattern: Int64(status.st_mtim.tv_sec)))
      digest.add(UInt64(bitPattern: Int64(status.st_mtim.tv_nsec)))
      return digest.value
    }
    return withUnsafeTemporaryAllocation(byteCount: Self.limit, alignment: 16) { buffer in
      var length = 0
      while length < buffer.count {
        let count = read(
          file.number,
          buffer.baseAddress.map { $0 + length },
          buffer.count - length
        )
        if count < 0, errno == EINTR { continue }
        if count < 0 { return nil }
        if count == 0 { break }
        length += count
      }
      digest.add(UnsafeRawBufferPointer(rebasing: buffer[..<length]))
      return digest.value
    }
  }
}
