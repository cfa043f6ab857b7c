import Operations
import VM
import Words

/// `lockstep facts`: shows what a VM knows about itself.
enum FactsCommand {
  static let spec = CommandSpec(
    name: "facts",
    summary: "show the facts and release jobs of a VM",
    arguments: "",
    argumentCount: 0...0,
    about: [
      "Facts are what the conditions of a plan can ask about, such as stemcell.version. They come "
        + "from bosh/spec.json and bosh/etc in the VM's folder, and from /etc/os-release if that "
        + "folder is a VM's /var/vcap. Give facts that the VM does not know, such as the version "
        + "of its director, with --fact, as for 'lockstep run'.",
      "The release jobs are those that bosh/spec.json names, or all folders in jobs if there is "
        + "no such file.",
    ],
    options: [
      OptionSpec(
        name: "--vm",
        value: "ROOT",
        help: "the VM's folder, laid out like /var/vcap. Default: /var/vcap, or / if there is no "
          + "/var/vcap"
      ),
      OptionSpec(
        name: "--fact",
        value: "NAME=VALUE",
        help: "give a fact that the VM does not know, such as director.version",
        isRepeatable: true
      ),
      .format,
    ],
    examples: [
      (line: "lockstep facts", does: "show the facts of this VM"),
      (
        line: "lockstep facts --vm ./root --fact director.version=280.1.5 --format json",
        does: "print the facts of another folder as JSON"
      ),
    ]
  )

  /// The version number at the start of the JSON document.
  ///
  /// It changes if readers have to change.
  private static let formatVersion = 1

  static func run(
    _ arguments: ParsedArguments,
    _ console: Console
  ) throws(CommandFailure) -> ExitStatus {
    let isJSON = try arguments.isJSON()
    let given = try arguments.pairs("--fact")
    let path = arguments.all("--vm").last ?? VMFolder.defaultPath
    if path.isEmpty {
      throw CommandFailure(message: "'--vm' names no folder", help: "write --vm ROOT")
    }
    let vm = try VMSelection.open(path)
    let found = Found(vm, given)
    Terminal.answer(asJSON: isJSON) {
      writeJSON(found, to: &$0)
    } text: {
      write(found, to: &$0)
    }
    return .succeeded
  }

  /// What to show.
  private struct Found {
    var vm: VMFolder
    /// By name.
    ///
    /// Given facts override found ones.
    var facts: [(name: String, value: String, isGiven: Bool)]
    /// Common facts that are not known.
    var unknown: [String]

    init(_ vm: VMFolder, _ given: [String: String]) {
      self.vm = vm
      let all = vm.facts.merging(given) { $1 }
      facts = all.sorted { $0.key < $1.key }.map { ($0.key, $0.value, given[$0.key] != nil) }
      let usual = ["director.version", "stemcell.os", "stemcell.version"]
      unknown = vm.isPlain ? [] : usual.filter { all[$0] == nil }
    }

    /// A release job's lifecycle scripts of BOSH.
    func scripts(of releaseJob: String) -> [String] {
      ["pre-start", "post-start", "post-deploy", "pre-stop", "drain", "post-stop"].filter {
        vm.hasScript($0, of: releaseJob)
      }
    }
  }

  private static func write(_ found: Found, to output: inout TextOutput) {
    for line in VMDescription.lines(of: found.vm) { output.line(line) }
    output.line("instance  \(found.vm.instance.deploymentJob)/\(found.vm.instance.index)")
    output.line()
    output.line("facts:")
    for fact in found.facts {
      let value = safeForTerminal(fact.value) + (fact.isGiven ? " (given)" : "")
      output.put(described("  \(safeForTerminal(fact.name))", value))
    }
    for name in found.unknown {
      let remark = found.vm.factRemarks.first { $0.hasPrefix(name + ": ") }
      let why = remark.map { safeForTerminal(String($0.dropFirst(name.count + 2))) + "; " } ?? ""
      output.put(
        described("  \(name)", "not known: \(why)give it with --fact \(name)=VALUE")
      )
    }
    if found.vm.isPlain { return }
    output.line()
    let origin = found.vm.hasSpec ? "as bosh/spec.json names them" : "all that are in jobs"
    output.line("release jobs, \(origin):")
    if found.vm.releaseJobs.isEmpty { output.line("  none") }
    for releaseJob in found.vm.releaseJobs {
      var has = found.scripts(of: releaseJob.text)
      if found.vm.hasProcesses(of: releaseJob.text) { has.append("processes") }
      output.put(
        described("  \(releaseJob.text)", has.isEmpty ? "nothing" : has.joined(separator: ", "))
      )
    }
    if !found.vm.leftovers.isEmpty {
      output.line()
      output.line("in jobs, and not run, as bosh/spec.json does not name them:")
      for name in found.vm.leftovers { output.line("  \(safeForTerminal(name))") }
    }
  }

  private static func writeJSON(_ found: Found, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("version", formatVersion)
      writer.field("folder", found.vm.path)
      writer.field("plain", found.vm.isPlain)
      writer.field("deployment_job", found.vm.instance.deploymentJob)
      writer.field("instance", found.vm.instance.index)
      writer.name("facts")
      writer.array { writer in
        for fact in found.facts {
          writer.object { writer in
            writer.field("name", fact.name)
            writer.field("value", fact.value)
            writer.field("given", fact.isGiven)
          }
        }
      }
      writer.field("unknown", found.unknown)
      writer.field("has_spec", found.vm.hasSpec)
      writer.name("release_jobs")
      writer.array { writer in
        for releaseJob in found.vm.releaseJobs {
          writer.object { writer in
            writer.field("name", releaseJob.text)
            writer.field("scripts", found.scripts(of: releaseJob.text))
            writer.field("processes", found.vm.hasProcesses(of: releaseJob.text))
          }
        }
      }
      writer.field("leftovers", found.vm.leftovers)
    }
  }
}
