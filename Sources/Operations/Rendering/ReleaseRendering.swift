import Glibc
import System
package import Templates
package import VM

/// A request to render a release job.
package struct RenderRequest: Sendable {
  /// The name of the release job.
  package var releaseJob: String
  /// The file of properties, links and the instance's spec; nil for none.
  package var properties: String?
  /// The VM's folder; nil if nothing is written.
  package var vm: String?
  /// Whether nothing is written.
  package var isCheck: Bool

  /// Makes a request to render a release job.
  package init(_ releaseJob: String, properties: String?, vm: String?, isCheck: Bool) {
    self.releaseJob = releaseJob
    self.properties = properties
    self.vm = vm
    self.isCheck = isCheck
  }
}

/// The templates of a release, rendered by the machine's own Ruby.
package struct ReleaseRendering {
  /// The release's folder without links.
  private let release: String
  private let renderer: TemplateRenderer

  /// Looks for the release and for Ruby.
  ///
  /// - Parameters:
  ///   - path: the folder of the release.
  ///   - searchPath: where programs are, as in PATH.
  ///   - timeout: how long all templates may take together.
  /// - Throws: an error if either is missing.
  package init(
    _ path: String,
    searchPath: String?,
    timeout: Duration
  ) throws(CommandFailure) {
    release = try Self.folder(path)
    do {
      renderer = TemplateRenderer(try RubyProgram(searchPath: searchPath), timeout: timeout)
    } catch {
      throw .refused([error])
    }
  }

  private static func folder(_ path: String) throws(CommandFailure) -> String {
    guard let release = FileReader.resolved(path), FileReader.isFolder(release) else {
      throw CommandFailure(
        message: "there is no folder '\(path)'",
        help: "name the folder of a release"
      )
    }
    if !FileReader.isFolder("\(release)/jobs") {
      throw CommandFailure(
        message: "'\(path)' has no folder 'jobs', so it is not a BOSH release",
        help: "name the folder that has jobs/, packages/ and config/ in it"
      )
    }
    return release
  }

  /// The release jobs of the release, and the problems of those that cannot be read.
  package func list() throws(CommandFailure) -> (jobs: [ListedReleaseJob], faults: [Problem]) {
    do {
      return try renderer.list(release)
    } catch {
      throw CommandFailure(error)
    }
  }

  /// Renders a release job into a VM's folder.
  ///
  /// - Parameters:
  ///   - request: the release job.
  ///   - tell: gets the warnings.
  /// - Returns: the files, and the folder that they were written to; nil if nothing was written.
  /// - Throws: all mistakes. Nothing was written then.
  package func render(
    _ request: RenderRequest,
    tell: Tell
  ) throws(CommandFailure) -> (files: [RenderedFile], folder: String?) {
    let name = try releaseJob(request.releaseJob)
    guard request.isCheck || request.vm != nil else {
      throw CommandFailure(
        message: "--vm is missing",
        help: "write --vm ROOT, or --check to write nothing"
      )
    }
    let properties = try propertiesFile(request.properties)
    // Taken first, so that no rendering is wasted.
    let folder = try target(request)
    let rendering: Rendering
    do {
      rendering = try renderer.render(
        TemplateRenderer.Request(
          release: release,
          releaseJob: name,
          properties: properties,
          applySpec: request.vm.map { "\(FileReader.resolved($0) ?? $0)/bosh/spec.json" }
        )
      )
    } catch {
      throw CommandFailure(error)
    }
    for warning in rendering.warnings {
      tell(
        .paragraphs([
          Paragraph("warning: \(warning.path)", isVerbatim: true),
          Paragraph(warning.what, indent: 2),
        ])
      )
    }
    if !rendering.faults.isEmpty {
      throw CommandFailure(
        .wrong,
        [
          .problems(rendering.faults),
          .ofCommand("\(name.text) cannot be rendered; nothing was written"),
        ]
      )
    }
    do {
      try folder?.install(rendering.files, of: name)
    } catch {
      throw CommandFailure(.failed, [.problems([error])])
    }
    return (rendering.files, folder?.path(of: name))
  }

  /// The folder to write to; nil if nothing is written.
  private func target(_ request: RenderRequest) throws(CommandFailure) -> ReleaseJobFolder? {
    guard let vm = request.vm else { return nil }
    if !request.isCheck, !FileReader.mayBeFolder(vm) {
      throw CommandFailure(
        message: "there is no folder '\(vm)'",
        help: "make it; it may be empty"
      )
    }
    do {
      let folder = request.isCheck ? nil : try ReleaseJobFolder(vm: vm)
      // As a run would read it; Ruby is more lenient.
      try VMFolder.checkSpec(onVM: vm)
      return folder
    } catch {
      throw .refused([error])
    }
  }

  private func releaseJob(_ text: String) throws(CommandFailure) -> CheckedName {
    let name: CheckedName
    do {
      name = try CheckedName(text)
    } catch {
      throw CommandFailure(message: "the name '\(text)' of --job \(error.reason)")
    }
    if access("\(release)/jobs/\(text)/spec", F_OK) == 0 { return name }
    throw CommandFailure(
      message: "the release has no release job '\(text)': there is no jobs/\(text)/spec",
      help: "'lockstep render RELEASE-DIR' lists them"
    )
  }

  /// The absolute path of a file for another process.
  private func propertiesFile(_ path: String?) throws(CommandFailure) -> String? {
    guard let path else { return nil }
    guard let real = FileReader.resolved(path), let status = FileStatus(real, follow: true) else {
      throw CommandFailure(message: "there is no properties file '\(path)'")
    }
    if !status.isRegular {
      throw CommandFailure(
        message: "the properties file '\(path)' is not a regular file",
        help: "put its text into one"
      )
    }
    return real
  }
}

extension CommandFailure {
  fileprivate init(_ failure: TemplateRenderer.Failure) {
    switch failure {
    case .cancelled(let signal): self.init(.stopped(by: signal), [])
    case .failed(let problem): self.init(.failed, [.problems([problem])])
    }
  }
}
