import BundledPlans
import Glibc
import PlanGraph
import PlanLanguage

/// A plan that was found, read and parsed.
struct LoadedPlan {
  var parsed: ParseResult
  /// The file's path without links, or `bundled:NAME`.
  var key: String
  /// The path as it was given; nil for a bundled plan.
  var path: String?
}

/// Finds plans by name or path, and compiles them.
enum PlanCompilation {
  static let bundledPrefix = "bundled:"

  /// Reads and parses a plan: a path where there is a file or the text looks like a path, else the
  /// name of a bundled plan, else standard input for `-`.
  static func load(_ argument: String) throws(UsageError) -> LoadedPlan {
    if argument.isEmpty {
      throw UsageError(
        message: "the name of a plan is empty",
        help:
          "name a file, or one of the bundled plans: \(BundledPlans.names.joined(separator: ", "))"
      )
    }
    let looksLikePath = argument.contains("/") || argument.hasSuffix(".plan") || argument == "-"
    if !looksLikePath, let bytes = BundledPlans.text(of: argument) {
      if access(argument, F_OK) != 0 {
        let source = SourceFile(id: FileID(0), name: "<\(argument)>", bytes: bytes)
        return LoadedPlan(parsed: Parser.parse(source), key: bundledPrefix + argument, path: nil)
      }
      throw UsageError(
        message: "'\(argument)' is a bundled plan and also a file here",
        help: "write './\(argument)' for the file, or rename it"
      )
    }
    do {
      let bytes = try FileReader.read(argument)
      let name = argument == "-" ? "<stdin>" : argument
      let source = SourceFile(id: FileID(0), name: name, bytes: bytes)
      return LoadedPlan(
        parsed: Parser.parse(source),
        key: FileReader.resolved(argument) ?? argument,
        path: argument == "-" ? nil : argument
      )
    } catch {
      let names = BundledPlans.names
      let near = nearMiss(argument, among: names)
      throw UsageError(
        message: "cannot read the plan '\(argument)': \(error.reason)",
        help: looksLikePath
          ? nil
          : near.map { "did you mean the bundled plan '\($0)'?" }
            ?? "bundled plans are \(names.joined(separator: ", "))"
      )
    }
  }

  /// Compiles a loaded plan.
  static func build(
    _ plan: LoadedPlan,
    parameters: [String: String],
    site: Site
  ) -> BuildResult {
    GraphBuilder.build(
      BuildInput(
        plan: plan.parsed.tree,
        key: plan.key,
        parameters: parameters,
        site: site,
        loadInclude: findInclude
      )
    )
  }

  private static func findInclude(_ target: IncludeDecl.Target, from key: String) -> IncludeAnswer {
    switch target {
    case .bundled(let name):
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
      do {
        let bytes = try FileReader.read(path)
        return .found(key: FileReader.resolved(path) ?? path, name: path, bytes: bytes)
      } catch {
        return .missing(reason: error.reason, known: [])
      }
    }
  }
}
