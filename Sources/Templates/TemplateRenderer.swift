import Glibc
import System
package import VM
import Words

/// Renders the templates of a release job with the machine's own Ruby, as BOSH's director does.
package struct TemplateRenderer: Sendable {
  /// Why there is no result.
  package enum Failure: Error, Hashable, Sendable {
    /// It was asked to stop.
    case cancelled(signal: Int32)
    /// Ruby did not come to its end.
    case failed(Problem)
  }

  /// What is rendered, and with what.
  package struct Request: Sendable {
    /// The release's folder, absolute.
    package var release: String
    package var releaseJob: CheckedName
    /// The properties file, absolute; nil for the defaults alone.
    package var properties: String?
    /// The agent's apply spec, which may be missing; nil for none.
    package var applySpec: String?

    /// Makes a request.
    package init(
      release: String,
      releaseJob: CheckedName,
      properties: String?,
      applySpec: String?
    ) {
      self.release = release
      self.releaseJob = releaseJob
      self.properties = properties
      self.applySpec = applySpec
    }
  }

  private let ruby: RubyProgram
  private let timeout: Duration

  /// Prepares it.
  ///
  /// - Parameters:
  ///   - ruby: the interpreter.
  ///   - timeout: for all templates of a release job together.
  package init(_ ruby: RubyProgram, timeout: Duration) {
    self.ruby = ruby
    self.timeout = timeout
  }

  /// What there is in a release.
  ///
  /// - Parameter release: its folder, absolute.
  /// - Returns: its release jobs by name, and what is wrong with the specs of others.
  /// - Throws: an error that says why there is no result.
  package func list(
    _ release: String
  ) throws(Failure) -> (jobs: [ListedReleaseJob], faults: [Problem]) {
    let frames = try run(["list", release])
    let jobs = frames.filter { $0.kind == "job" }.map {
      ListedReleaseJob(name: $0.text(0), description: $0.text(1), scripts: $0.text(2))
    }
    return (jobs, Rendering(frames.filter { $0.kind == "error" }, of: "").faults)
  }

  /// Renders all templates of a release job; writes nothing.
  ///
  /// - Throws: an error that says why there is no result. Mistakes in the templates are a result.
  package func render(_ request: Request) throws(Failure) -> Rendering {
    let name = request.releaseJob.text
    let frames = try run([
      "render", request.release, name, request.properties ?? "", request.applySpec ?? "",
    ])
    return Rendering(frames, of: name)
  }

  /// The text of the program: the files of `Templates/Ruby`, concatenated.
  private static let program = String(
    decoding: PackageResources.prelude_rb + PackageResources.context_rb
      + PackageResources.files_rb + PackageResources.job_rb + PackageResources.template_rb
      + PackageResources.main_rb,
    as: UTF8.self
  )

  private func run(_ arguments: [String]) throws(Failure) -> [Frames.Frame] {
    let run: RubyRun
    let end: RubyRun.End
    do {
      run = try RubyRun()
      end = try run.run(ruby, ["-e", Self.program, "--"] + arguments, timeout: timeout)
    } catch {
      throw .failed(Problem(path: ruby.path, what: "cannot be run: \(error)"))
    }
    let frames = Frames(run.output)
    // Its position when it ended.
    let place = frames.all.last { $0.kind == "at" }?.text(0) ?? ruby.path
    switch end {
    case .ended(.exited(0)):
      if frames.isWhole { return frames.all }
      throw .failed(
        Problem(path: place, what: "Ruby ended there before it had finished", help: help(run))
      )
    case .ended(let result):
      throw .failed(
        Problem(path: place, what: "Ruby ended there with \(words(result))", help: help(run))
      )
    case .notExecuted(let failure):
      throw .failed(Problem(path: ruby.path, what: failure.words(ruby.path, in: AT_FDCWD)))
    case .timedOut:
      throw .failed(
        Problem(
          path: place,
          what: "did not finish within \(timeout.forPeople) and was ended",
          help: "if it needs longer, raise --timeout"
        )
      )
    case .cancelled(let signal): throw .cancelled(signal: signal)
    case .tooLong:
      throw .failed(
        Problem(path: place, what: "renders to more than \(RubyRun.mostOutput >> 20) MiB")
      )
    }
  }

  /// The first line that Ruby, or a template, wrote to standard error.
  private func help(_ run: RubyRun) -> String? {
    let text = String(decoding: run.complaints.prefix(400), as: UTF8.self)
    return text.split(separator: "\n").first.map { "it says: \($0)" }
  }

  private func words(_ end: ProcessEnd) -> String {
    switch end {
    case .exited(let status): "exit status \(status)"
    case .signalled(let number): "signal \(number)"
    case .unknown(let reason): reason
    }
  }
}
