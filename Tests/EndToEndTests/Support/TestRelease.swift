import Testing

/// A release with one release job, `web`, for a test.
struct TestRelease {
  let sandbox: Sandbox

  /// Makes it, with a full spec.
  ///
  /// The templates must still be written.
  init(_ sandbox: Sandbox, spec: String = "", templates: KeyValuePairs<String, String>) throws {
    self.sandbox = sandbox
    var text = "---\nname: web\ntemplates:\n"
    for (template, destination) in templates {
      text += "  \(template): \(destination)\n"
    }
    if templates.isEmpty { text = "---\nname: web\ntemplates: {}\n" }
    try sandbox.write("release/jobs/web/spec", text + spec)
    try sandbox.write("release/config/final.yml", "name: shop\n")
  }

  /// Writes a template.
  func template(_ name: String, _ text: String) throws {
    try sandbox.write("release/jobs/web/templates/\(name)", text)
  }

  /// Renders it into `vm`.
  @discardableResult
  func render(
    properties: String = "",
    _ options: [String] = ["--vm", "vm"],
    environment: [String: String] = [:]
  ) throws -> FinishedCommand {
    try sandbox.folder("vm")
    try sandbox.write("web.yml", properties)
    let finished = try sandbox.start(
      ["render", "release", "--job", "web", "--properties", "web.yml"] + options,
      environment: environment
    ).finish()
    finished.checkManners()
    return finished
  }

  /// A file of the release job after rendering.
  func file(_ name: String) -> String? { sandbox.text("vm/jobs/web/\(name)") }

  /// What a template renders to, alone in its release job.
  static func render(
    _ template: String,
    spec: String = "",
    properties: String = ""
  ) throws -> (text: String?, finished: FinishedCommand) {
    let sandbox = try Sandbox()
    let release = try TestRelease(sandbox, spec: spec, templates: ["a.erb": "config/a"])
    try release.template("a.erb", template)
    let finished = try release.render(properties: properties)
    return (release.file("config/a"), finished)
  }
}
