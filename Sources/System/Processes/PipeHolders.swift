import CLinux
import Glibc
import Words

/// The other processes that have a pipe open for writing.
package struct PipeHolders {
  /// One of them.
  package struct Holder: Hashable {
    var process: Int32
    /// Its name, if it can be read.
    var name: String
    /// Its session; 0 if it has ended meanwhile.
    package var session: Int32
  }

  /// Sorted by number; without those that we may not inspect.
  package let all: [Holder]

  /// Searches `/proc` for the processes that hold the other end of a pipe.
  ///
  /// - Parameter reader: a descriptor of it.
  init(of reader: Int32) {
    guard let status = FileStatus(of: reader) else {
      all = []
      return
    }
    let link = Array("pipe:[\(status.inode)]".utf8)
    var found: [Holder] = []
    for entry in (try? namesInFolder("/proc")) ?? [] {
      guard let process = Int32(entry), process != getpid() else { continue }
      let folder = "/proc/\(process)/fd"
      let isHolder = ((try? namesInFolder(folder)) ?? []).contains {
        Self.isLink("\(folder)/\($0)", to: link)
      }
      if isHolder { found.append(Self.describe(process)) }
    }
    all = found.sorted { $0.process < $1.process }
  }

  /// For people, such as `tee (pid 4711)`; nil if none is known.
  package var words: String? {
    guard let first = all.first else { return nil }
    let more = all.count - 1
    let name =
      first.name.isEmpty ? "process \(first.process)" : "\(first.name) (pid \(first.process))"
    return more == 0 ? name : "\(name) and \(more) more"
  }

  private static func isLink(_ path: String, to target: [UInt8]) -> Bool {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: target.count + 1) { buffer in
      guard let start = buffer.baseAddress else { return false }
      // One byte more than expected, so that a longer one differs.
      let count = readlink(path, start, buffer.count)
      return count == target.count
        && zip(buffer, target).allSatisfy { UInt8(bitPattern: $0) == $1 }
    }
  }

  private static func describe(_ process: Int32) -> Holder {
    let bytes = (try? firstBytes(of: "/proc/\(process)/comm", limit: 64)) ?? []
    let name = String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
    let isPlain = name.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    return Holder(
      process: process,
      name: isPlain ? name : quoted(name),
      session: ProcessStat(process)?.session ?? 0
    )
  }
}
