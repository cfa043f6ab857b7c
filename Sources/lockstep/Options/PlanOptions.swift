import Fleet
import Operations
import PlanGraph

/// The options that choose the plan, its values and its machines.
enum PlanOptions {
  static let vm = OptionSpec(
    name: "--vm",
    value: "[NAME=]ROOT",
    help: "the VM's folder, laid out like /var/vcap. With NAME (a deployment job, or an instance "
      + "such as web/0), the folder of that one. Default: the folder beside the plan that has the "
      + "plan's name, if it has a jobs folder; else /var/vcap; else /, which is this machine as it "
      + "is, with logs in /var/log/lockstep",
    isRepeatable: true
  )
  static let set = OptionSpec(
    name: "--set",
    value: "NAME=VALUE",
    help: "set a param of the plan",
    isRepeatable: true
  )
  static let setFile = OptionSpec(
    name: "--set-file",
    value: "NAME=FILE",
    help: "set a param to the contents of a file, without the trailing newline. Use it for "
      + "secrets: others can read a command line",
    isRepeatable: true
  )
  static let fact = OptionSpec(
    name: "--fact",
    value: "NAME=VALUE",
    help: "give a fact that the VM does not know, such as director.version",
    isRepeatable: true
  )
  static let all = [vm, set, setFile, fact]
  /// The same for a command that can reach VMs on other hosts.
  static let withHosts = [vm] + HostOptions.all + [set, setFile, fact]

  /// The compilation that a command line asks for.
  ///
  /// - Parameters:
  ///   - plan: a path, the name of a bundled plan, or `-`.
  ///   - arguments: the command line.
  /// - Returns: the request.
  /// - Throws: a failure if the plan cannot be read or an option is wrong.
  static func request(
    _ plan: String,
    _ arguments: ParsedArguments
  ) throws(CommandFailure) -> PlanRequest {
    PlanRequest(
      plan: try PlanCompilation.load(plan),
      parameters: try parameters(arguments),
      facts: try arguments.pairs(fact.name),
      vms: try vms(arguments)
    )
  }

  /// The values of `--set` and `--set-file`.
  static func parameters(
    _ arguments: ParsedArguments
  ) throws(CommandFailure) -> [String: String] {
    var parameters = try arguments.pairs(set.name)
    for (name, path) in try arguments.pairs(setFile.name, of: "FILE") {
      let bytes: [UInt8]
      do {
        bytes = try FileReader.read(path)
      } catch {
        throw CommandFailure(
          message: "cannot read '\(path)' for the param '\(name)': \(error.reason)"
        )
      }
      let text = String(decoding: bytes, as: UTF8.self)
      let value = text.hasSuffix("\n") ? String(text.dropLast()) : text
      if parameters.updateValue(value, forKey: name) != nil {
        throw CommandFailure(message: "the param '\(name)' is given twice")
      }
    }
    return parameters
  }

  /// The folders from `--vm`.
  static func vms(_ arguments: ParsedArguments) throws(CommandFailure) -> VMRequest {
    var request = VMRequest()
    request.hosts = try HostOptions.request(arguments)
    for text in arguments.all(vm.name) where !HostsFile.isHost(option: text) {
      if request.hosts != nil {
        throw CommandFailure(
          message: "'--vm \(text)' names a folder here, and the other VMs are on hosts",
          help: "give this VM a host, too, such as web/0=ssh://root@localhost"
        )
      }
      var path = text
      var name: String?
      if let equals = text.firstIndex(of: "="), isSubjectName(String(text[..<equals])) {
        name = String(text[..<equals])
        path = String(text[text.index(after: equals)...])
      }
      if path.isEmpty {
        throw CommandFailure(message: "'--vm \(text)' names no folder", help: "write --vm ROOT")
      }
      let isSecond =
        if let name {
          request.named.updateValue(path, forKey: name) != nil
        } else {
          request.standard != nil
        }
      if isSecond {
        let head = name.map { "\($0)=" } ?? ""
        throw CommandFailure(
          message: "'--vm \(head)ROOT' is given twice",
          help: "for several VMs, say which folder is whose: --vm web/0=ROOT --vm web/1=ROOT"
        )
      }
      if name == nil { request.standard = path }
    }
    return request
  }

  /// Whether a text can be the name of a deployment job or an instance, instead of a path with a
  /// `=` in it.
  private static func isSubjectName(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    return (1...2).contains(parts.count) && parts.allSatisfy { isUsableName(String($0)) }
  }
}
