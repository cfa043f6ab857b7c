import CLinux
import Glibc
package import PlanGraph
import System
import Words

/// Inspects the scripts of a graph's steps: first line, length, digest of the contents.
///
/// Each is inspected once. Only regular files inside the VM's folder are opened, and only for
/// reading.
package struct ScriptInspection {
  /// A script as it is now.
  package struct Found: Hashable, Sendable {
    /// Relative to the VM's folder.
    package var path: String
    /// At most 200 bytes, without the line feed; nil if it cannot be read.
    package var firstLine: String?
    /// In bytes.
    package var size: Int
    /// The permission bits.
    package var mode: UInt32
    /// SHA-256; nil if it cannot be read, or is longer than 16 MiB.
    package var sha256: String?
  }

  private struct Name: Hashable {
    var machine: Int
    var releaseJob: String
    var script: String
  }

  /// All scripts that were found, in the order in which they were asked for.
  package private(set) var found: [Found] = []
  private var known: [Name: Int] = [:]
  private let graph: Graph
  private let vms: SubjectVMs

  private static let largest = 1 << 24
  private static let longestLine = 200

  /// Prepares the inspection.
  ///
  /// - Parameters:
  ///   - graph: the plan on its subjects.
  ///   - vms: the VM of each instance.
  package init(_ graph: Graph, _ vms: [SubjectID: VMFolder]) {
    self.graph = graph
    self.vms = SubjectVMs(graph.subjects, vms)
  }

  /// The number in `found` of a step's script; nil if the step has none, or it is not there.
  package mutating func look(_ node: NodeID) -> Int? {
    let script: String
    let entry = graph[node]
    guard entry.kind == .step else { return nil }
    switch graph.steps[entry.template].action {
    case .script(let name): script = name
    case .drain: script = "drain"
    default: return nil
    }
    guard let machine = vms.index(of: entry.subject) else { return nil }
    let name = Name(
      machine: machine,
      releaseJob: graph.subjects.name(entry.subject),
      script: script
    )
    if let number = known[name] { return number < 0 ? nil : number }
    guard let script = Self.look(name, vms.all[machine]) else {
      known[name] = -1
      return nil
    }
    found.append(script)
    known[name] = found.count - 1
    return found.count - 1
  }

  private static func look(_ name: Name, _ vm: VMFolder) -> Found? {
    guard CheckedName.refusal(of: name.releaseJob) == nil,
      CheckedName.refusal(of: name.script) == nil
    else { return nil }
    let path = VMFolder.scriptPath(name.releaseJob, name.script)
    guard case .inside = vm.folder.containment(of: path, beneath: vm.path),
      let status = FileStatus(path, in: vm.folder.number, follow: true), status.isRegular
    else { return nil }
    var script = Found(
      path: path,
      firstLine: nil,
      size: status.size,
      mode: UInt32(status.mode) & 0o7777,
      sha256: nil
    )
    let number = lockstep_openat(
      vm.folder.number,
      path,
      O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
      0
    )
    if number < 0 { return script }
    let file = Descriptor(owning: number)
    let wanted = script.size > largest ? longestLine : script.size
    guard let bytes = read(file.number, atMost: wanted) else { return script }
    let line = bytes.prefix(longestLine).prefix { $0 != UInt8(ascii: "\n") }
    script.firstLine =
      bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46])
      ? "(a program)" : String(decoding: line, as: UTF8.self)
    if bytes.count == script.size {
      script.sha256 = bytes.withUnsafeBytes { SHA256.hexadecimal($0) }
    }
    return script
  }

  private static func read(_ file: Int32, atMost limit: Int) -> [UInt8]? {
    var isRead = true
    let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, length in
      while length < limit {
        let count = Glibc.read(file, buffer.baseAddress.map { $0 + length }, limit - length)
        if count < 0, errno == EINTR { continue }
        if count < 0 { isRead = false }
        if count <= 0 { return }
        length += count
      }
    }
    return isRead ? bytes : nil
  }
}
