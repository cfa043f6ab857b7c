import Glibc
import System
package import VM

/// The processes of a machine as its supervisor reports them once; changes nothing.
package struct SupervisorStatus: Sendable {
  /// A process as it is now.
  package struct Process: Hashable, Sendable {
    package var name: String
    /// The release job that declares it; nil if none on this VM does.
    package var releaseJob: String?
    /// nil if none is known.
    package var process: Int32?
    package var isRunning: Bool
    /// The end of a sentence that begins with its name.
    package var words: String
  }

  /// What was asked, for people: `monit 5.33.0 at 127.0.0.1:2822`.
  package private(set) var supervisor: String
  /// Why it could not be asked; nil if it was.
  package private(set) var problem: String?
  /// In the order of their names.
  package private(set) var processes: [Process] = []

  /// Asks.
  ///
  /// - Parameters:
  ///   - vm: the VM.
  ///   - controlFile: the monit's; nil for the first of the usual ones that exists.
  package init(_ vm: VMFolder, controlFile: String?) {
    supervisor = "monit"
    var owners: [String: String] = [:]
    for releaseJob in vm.releaseJobs {
      let declared = try? ReleaseJobProcesses.read(of: releaseJob.text, on: vm)
      for process in declared ?? [] { owners[process.name] = releaseJob.text }
    }
    let usual =
      ["\(vm.path)/\(AutoSupervisor.ownControlFile)"] + AutoSupervisor.systemControlFiles
    guard let path = controlFile ?? usual.first(where: { FileStatus($0, follow: true) != nil })
    else {
      problem = "there is no monit control file, and ctl keeps no state to ask for"
      return
    }
    do throws(PlainFailure) {
      let settings = try MonitSettings.read(path)
      supervisor = "monit at \(settings.endpoint.shown)"
      let status = try Self.ask(settings)
      supervisor = "monit \(status.version) at \(settings.endpoint.shown)"
      for service in status.services.values.sorted(by: { $0.name < $1.name })
      where service.type == MonitStatus.Service.processType {
        processes.append(
          Process(
            name: service.name,
            releaseJob: owners[service.name],
            process: service.process,
            isRunning: service.isUp,
            words: service.isUp ? "runs" : service.words
          )
        )
      }
      let unknown = owners.keys.filter { status.services[$0] == nil }.sorted()
      for name in unknown {
        processes.append(
          Process(
            name: name,
            releaseJob: owners[name],
            process: nil,
            isRunning: false,
            words: "is not known to this monit"
          )
        )
      }
    } catch {
      problem = error.words
    }
  }

  private static func ask(_ settings: MonitSettings) throws(PlainFailure) -> MonitStatus {
    let loop: EventLoop
    do throws(SystemError) {
      loop = try EventLoop()
    } catch {
      throw PlainFailure(words: error.description)
    }
    defer { loop.clear() }
    let client = MonitClient(settings, on: loop)
    var answer: Result<MonitStatus, MonitClient.Failure>?
    client.status { answer = $0 }
    while answer == nil {
      do throws(SystemError) {
        try loop.turn(mayWait: true)
      } catch {
        throw PlainFailure(words: error.description)
      }
    }
    switch answer {
    case .success(let status): return status
    case .failure(.unreachable(let words)):
      throw PlainFailure(words: "monit does not answer: \(words)")
    case .failure(.refused(let words)): throw PlainFailure(words: words)
    case .failure(.busy), nil: throw PlainFailure(words: "monit is busy; ask again in a moment")
    }
  }
}
