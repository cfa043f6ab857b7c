import CLinux
import Glibc

/// The processes that a release job's own control files declare.
enum ReleaseJobProcesses {
  /// Control files are small.
  private static let largest = 1 << 20

  /// Reads `jobs/<release job>/monit` and `jobs/<release job>/*.monit`, in this order, as the agent
  /// takes them.
  ///
  /// - Parameters:
  ///   - releaseJob: a checked name.
  ///   - root: the machine.
  /// - Returns: the processes of group vcap; none where there is no such file.
  /// - Throws: one line for people.
  static func read(
    of releaseJob: String,
    on root: VMRoot
  ) throws(PlainFailure) -> [MonitoredProcess] {
    var processes: [MonitoredProcess] = []
    for file in files(of: releaseJob, on: root) {
      let path = "\(root.path)/\(file)"
      switch root.folder.containment(of: file, beneath: root.path) {
      case .inside: break
      case .absent: continue
      case .outside(let end):
        throw PlainFailure(words: "\(path) ends outside of the root, at \(quoted(end))")
      case .unknown(let number):
        throw PlainFailure(words: "\(path): \(SystemError.words(number))")
      }
      let bytes: [UInt8]
      do {
        bytes = try firstBytes(of: file, in: root.folder.number, limit: largest)
      } catch {
        throw PlainFailure(words: "\(path): \(SystemError.words(error.number))")
      }
      do {
        processes += try ControlFileParser.parse(bytes)
      } catch {
        throw PlainFailure(words: "\(path):\(error.line) \(error.what)")
      }
    }
    return processes.filter(\.isInBoshGroup)
  }

  private static func files(of releaseJob: String, on root: VMRoot) -> [String] {
    let folder = "jobs/\(releaseJob)"
    let names = (try? namesInFolder(folder, in: root.folder.number)) ?? []
    let extra = names.filter { $0.hasSuffix(".monit") }
    return (["monit"] + extra).map { "\(folder)/\($0)" }
  }
}
