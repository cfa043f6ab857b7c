import Execution
import Glibc
import System
import VM

/// Calls `systemctl`.
final class Systemctl {
  /// Where systemd says that it is what the machine was booted with (sd_booted(3)).
  static let bootedFolder = "/run/systemd/system"
  /// How much is read of what it prints.
  private static let mostOutput = 1 << 20

  private let program: String
  private let machinery: Machinery
  private let folder: Descriptor
  private let environment = CStrings([
    "PATH=\(ProgramSearch.searchPath)", "LC_ALL=C", "SYSTEMD_COLORS=0", "SYSTEMD_PAGER=cat",
  ])

  /// Prepares.
  ///
  /// - Parameters:
  ///   - program: the executable; nil for the one on the machine's usual paths.
  ///   - machinery: the loop and what belongs to it.
  /// - Throws: an error if there is none; one line for people.
  init(_ program: String?, _ machinery: Machinery) throws(PlainFailure) {
    guard let found = program ?? ProgramSearch.find("systemctl", in: ProgramSearch.searchPath)
    else {
      throw PlainFailure(
        words: "there is no systemctl on this machine; choose another --supervisor"
      )
    }
    self.program = found
    self.machinery = machinery
    do throws(SystemError) {
      folder = try Descriptor.folder("/")
    } catch {
      throw PlainFailure(words: error.description)
    }
  }

  /// Makes the attempt of one call; its `begin` starts it.
  ///
  /// - Parameters:
  ///   - arguments: those after the program's name.
  ///   - done: called once, with what it printed or with what went wrong.
  /// - Returns: the attempt.
  func call(
    _ arguments: [String],
    _ done: @escaping (Result<String, SystemctlFailure>) -> Void
  ) -> ProcessAttempt {
    var output: CapturedOutput?
    let name = "systemctl \(arguments.first ?? "")"
    return ProcessAttempt(
      machinery,
      launch: { [self] () throws(LaunchFailure) -> LaunchedProcess in
        output?.close()
        return try launch(arguments) { output = $0 }
      },
      started: { _ in },
      ended: { result in
        output?.finish()
        let text = String(decoding: output?.bytes ?? [], as: UTF8.self)
        switch result {
        case .exited(0): done(.success(text))
        case .exited(let status):
          done(.failure(SystemctlFailure("\(name) ended with exit status \(status)", saying: text)))
        case .signalled(let number):
          done(.failure(.refused("\(name) was ended by signal \(number)")))
        case .failed(let reason), .refused(let reason):
          done(.failure(.refused("\(name): \(reason)")))
        case .lost, .notStarted: done(.failure(.refused("\(name) was not seen to end")))
        }
      }
    )
  }

  /// Calls it and waits for its end; for use when nothing else is running.
  ///
  /// - Returns: what it printed, or what went wrong.
  /// - Throws: an error if there is none; one line for people.
  static func ask(
    _ arguments: [String]
  ) throws(PlainFailure) -> Result<String, SystemctlFailure> {
    do throws(SystemError) {
      let machinery = try Machinery()
      defer { machinery.loop.clear() }
      var answer: Result<String, SystemctlFailure>?
      let systemctl: Systemctl
      do throws(PlainFailure) { systemctl = try Systemctl(nil, machinery) } catch {
        return .failure(.refused(error.words))
      }
      let attempt = systemctl.call(arguments) { answer = $0 }
      attempt.begin()
      while answer == nil { try machinery.loop.turn(mayWait: true) }
      return answer ?? .failure(.refused("systemctl was not seen to end"))
    } catch {
      throw PlainFailure(words: error.description)
    }
  }

  private func launch(
    _ arguments: [String],
    _ captured: (CapturedOutput) -> Void
  ) throws(LaunchFailure) -> LaunchedProcess {
    let pipe = try outputPipe()
    do throws(SpawnFailure) {
      let spawned = try machinery.spawner.spawn(
        ProgramStart(
          path: program,
          arguments: CStrings([program, "--no-ask-password"] + arguments),
          environment: environment,
          folder: folder.number,
          stdout: pipe.writer.number,
          stderr: pipe.writer.number,
          isLowered: false
        )
      )
      captured(pipe.output)
      return LaunchedProcess(spawned: spawned, path: program, folder: folder.number)
    } catch {
      pipe.output.close()
      throw error.launchFailure(program, in: folder.number)
    }
  }

  private func outputPipe() throws(LaunchFailure) -> CapturedOutput.Pipe {
    do throws(SystemError) {
      return try CapturedOutput.pipe(
        limit: Self.mostOutput,
        copiedTo: nil,
        on: machinery.loop
      )
    } catch {
      throw machinery.shortage(error.number, "the output of systemctl cannot be read")
    }
  }
}
