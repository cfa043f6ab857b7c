import CLinux
import Glibc
package import PlanGraph
import System
import Words

/// Digests of the contents of the scripts of a graph's steps, for comparison.
package struct ScriptContents {
  private let vms: SubjectVMs
  private let graph: Graph
  private var known: [Name: UInt64?] = [:]

  private struct Name: Hashable {
    var machine: Int
    var releaseJob: String
    var script: String
  }

  /// Up to this many bytes, the contents of a file count.
  ///
  /// For a longer one, usually a program, its length and the time of its last change count.
  private static let limit = 1 << 14

  /// Prepares the inspection.
  ///
  /// - Parameters:
  ///   - graph: the plan on its subjects.
  ///   - vms: the VM of each instance.
  package init(_ graph: Graph, _ vms: [SubjectID: VMFolder]) {
    self.graph = graph
    self.vms = SubjectVMs(graph.subjects, vms)
  }

  /// A digest of the contents of a step's script, now or when it was first asked for; nil if the
  /// step has none, or the script does not exist or cannot be read by this user.
  ///
  /// - Throws: why it is unknown now; without the error, a missing digest would look like another
  ///   script later.
  package mutating func digest(_ node: NodeID) throws(Problem) -> UInt64? {
    guard case .script(let script)? = graph.step(node)?.action,
      let machine = vms.index(of: graph[node].subject)
    else { return nil }
    let name = Name(
      machine: machine,
      releaseJob: graph.subjects.name(graph[node].subject),
      script: script
    )
    if let digest = known[name] { return digest }
    let digest = try Self.digest(name, vms.all[machine])
    known[name] = digest
    return digest
  }

  private static func digest(_ name: Name, _ vm: VMFolder) throws(Problem) -> UInt64? {
    guard CheckedName.refusal(of: name.releaseJob) == nil,
      CheckedName.refusal(of: name.script) == nil
    else { return nil }
    let path = VMFolder.scriptPath(name.releaseJob, name.script)
    func problem(_ number: Int32) -> Problem {
      Problem(
        path: "\(vm.path)/\(path)",
        what: "cannot be read: \(SystemError.words(number))"
      )
    }
    var number: Int32
    repeat {
      number = lockstep_openat(
        vm.folder.number,
        path,
        O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
        0
      )
    } while number < 0 && errno == EINTR
    if number < 0 {
      switch errno {
      case ENOENT, ENOTDIR, EACCES, EPERM, ELOOP, ENXIO: return nil
      default: throw problem(errno)
      }
    }
    let file = Descriptor(owning: number)
    guard let status = FileStatus(of: file.number) else { throw problem(errno) }
    guard status.isRegular else { return nil }
    var digest = Digest64()
    digest.add(UInt64(status.size))
    if status.size > Self.limit {
      digest.add(UInt64(bitPattern: Int64(status.modified.seconds)))
      digest.add(UInt64(bitPattern: Int64(status.modified.nanoseconds)))
      return digest.value
    }
    let error: Int32? = withUnsafeTemporaryAllocation(byteCount: Self.limit, alignment: 16) {
      var length = 0
      while length < $0.count {
        let count = read(file.number, $0.baseAddress.map { $0 + length }, $0.count - length)
        if count < 0, errno == EINTR { continue }
        if count < 0 { return errno }
        if count == 0 { break }
        length += count
      }
      digest.add(UnsafeRawBufferPointer(rebasing: $0[..<length]))
      return nil
    }
    if let error { throw problem(error) }
    return digest.value
  }
}
