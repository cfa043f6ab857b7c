import BundledPlans
import Glibc
package import Journal
package import PlanGraph
import PlanLanguage

/// Finds plans by name or path, and compiles them.
package enum PlanCompilation {
  package static let bundledPrefix = "bundled:"

  /// Reads and parses a plan: a path if there is such a file or the text looks like a path,
  /// otherwise the name of a bundled plan, or standard input for `-`.
  package static func load(_ argument: String) throws(CommandFailure) -> LoadedPlan {
    if argument.isEmpty {
      throw CommandFailure(
        message: "the name of a plan is empty",
        help:
          "name a file, or one of the bundled plans: \(BundledPlans.names.joined(separator: ", "))"
      )
    }
    let looksLikePath = argument.contains("/") || argument.hasSuffix(".plan") || argument == "-"
    if !looksLikePath, let plan = bundled(key: bundledPrefix + argument) {
      if access(argument, F_OK) != 0 { return plan }
      throw CommandFailure(
        message: "'\(argument)' is a bundled plan and also a file here",
        help: "write './\(argument)' for the file, or rename it"
      )
    }
    do {
      let bytes = try FileReader.read(argument)
      if argument == "-" {
        return fromStandardInput(bytes, folder: FileReader.resolved(".") ?? "")
      }
      let source = SourceFile(id: FileID(0), name: argument, bytes: bytes)
      return LoadedPlan(
        parsed: Parser.parse(source),
        key: FileReader.resolved(argument) ?? argument,
        path: argument
      )
    } catch {
      let names = BundledPlans.names
      let near = nearMiss(argument, among: names)
      throw CommandFailure(
        message: "cannot read the plan '\(argument)': \(error.reason)",
        help: looksLikePath
          ? nil
          : near.map { "did you mean the bundled plan '\($0)'?" }
            ?? "bundled plans are \(names.joined(separator: ", "))"
      )
    }
  }

  /// The bundled plan of a key; nil for any other key.
  package static func bundled(key: String) -> LoadedPlan? {
    guard key.hasPrefix(bundledPrefix) else { return nil }
    let name = String(key.dropFirst(bundledPrefix.count))
    guard let bytes = BundledPlans.text(of: name) else { return nil }
    let source = SourceFile(id: FileID(0), name: "<\(name)>", bytes: bytes)
    return LoadedPlan(parsed: Parser.parse(source), key: key, path: nil)
  }

  /// Reads and parses a loaded plan again; nil if that is not possible.
  static func again(_ plan: LoadedPlan) -> LoadedPlan? {
    bundled(key: plan.key) ?? plan.path.flatMap { try? load($0) }
  }

  /// A plan from standard input.
  ///
  /// Its includes are looked up in `folder`.
  package static func fromStandardInput(_ bytes: [UInt8], folder: String) -> LoadedPlan {
    let source = SourceFile(id: FileID(0), name: "<stdin>", bytes: bytes)
    return LoadedPlan(
      parsed: Parser.parse(source),
      key: folder + standardInputMark,
      path: nil
    )
  }

  /// The working folder of a plan from standard input, by its key; nil for any other key.
  package static func folderOfStandardInput(key: String) -> String? {
    key.hasSuffix(standardInputMark) ? String(key.dropLast(standardInputMark.count)) : nil
  }

  /// No path without links ends like this.
  private static let standardInputMark = "//-"

  /// Compiles a loaded plan.
  ///
  /// Its tree is moved out of it and freed on the way.
  package static func build(
    _ plan: inout LoadedPlan,
    parameters: [String: String],
    site: Site
  ) -> BuildResult {
    var expanded = GraphBuilder.expand(input(plan, parameters: parameters, site: site))
    plan.parsed.tree.plan = nil
    return GraphBuilder.build(&expanded)
  }

  /// Everything that the compilation of a loaded plan needs.
  package static func input(
    _ plan: LoadedPlan,
    parameters: [String: String],
    site: Site
  ) -> BuildInput {
    var input = BuildInput(
      plan: plan.parsed.tree,
      key: plan.key,
      parameters: parameters,
      site: site,
      loadInclude: { findInclude($0, from: $1, among: plan.recorded) }
    )
    input.isBundled = plan.key.hasPrefix(bundledPrefix)
    return input
  }

  /// The plan of a recorded run, as it was then; nil if it is not recorded.
  package static func recorded(_ header: RunHeader) -> LoadedPlan? {
    guard let first = header.sources.first else { return nil }
    let source = SourceFile(id: FileID(0), name: first.name, bytes: Array(first.value.utf8))
    var plan = LoadedPlan(parsed: Parser.parse(source), key: header.plan, path: nil)
    let others = header.sources.dropFirst().map { ($0.name, Array($0.value.utf8)) }
    plan.recorded = Dictionary(others) { first, _ in first }
    return plan
  }

  private static func findInclude(
    _ target: IncludeDecl.Target,
    from key: String,
    among recorded: [String: [UInt8]]?
  ) -> IncludeAnswer {
    switch target {
    case .bundled(let name):
      if let bytes = recorded?["<\(name.text)>"] {
        return .found(key: bundledPrefix + name.text, name: "<\(name.text)>", bytes: bytes)
      }
      guard let bytes = BundledPlans.text(of: name.text) else {
        return .missing(reason: "no such bundled plan", known: BundledPlans.names)
      }
      return .found(key: bundledPrefix + name.text, name: "<\(name.text)>", bytes: bytes)
    case .path(let name):
      if key.hasPrefix(bundledPrefix) {
        return .missing(reason: "a bundled plan has no folder to look in", known: [])
      }
      var path = name.text
      if !path.hasPrefix("/") {
        let folder = key.lastIndex(of: "/").map { key[...$0] } ?? ""
        path = folder + path
      }
      if let bytes = recorded?[path] {
        return .found(key: FileReader.resolved(path) ?? path, name: path, bytes: bytes)
      }
      do {
        let bytes = try FileReader.read(path)
        return .found(key: FileReader.resolved(path) ?? path, name: path, bytes: bytes)
      } catch {
        return .missing(reason: error.reason, known: [])
      }
    }
  }
}
