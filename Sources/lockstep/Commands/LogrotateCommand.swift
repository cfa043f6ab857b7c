import Operations
import VM

/// `lockstep logrotate`: prints a logrotate file for the logs of a VM.
enum LogrotateCommand {
  static let spec = CommandSpec(
    name: "logrotate",
    summary: "print a logrotate file for the logs of a VM",
    arguments: "",
    argumentCount: 0...0,
    about: [
      "Prints a logrotate file that rotates the logs of a VM as BOSH's agent does: logs that are "
        + "too large are copied and truncated (copytruncate), and seven compressed copies are "
        + "kept. A script that is running keeps writing to the same log.",
      "The machine decides how often logrotate runs; on a BOSH VM it is four times an hour.",
    ],
    options: [
      OptionSpec(
        name: "--vm",
        value: "ROOT",
        help:
          "the VM's folder, laid out like /var/vcap. Default: /var/vcap, or / if there is no "
          + "/var/vcap, with the logs in /var/log/lockstep"
      ),
      OptionSpec(
        name: "--size",
        value: "SIZE",
        help: "rotate logs from this size on: bytes, or a number with k, M or G. Default: "
          + "properties.logging.max_log_file_size in bosh/spec.json, else 50M, as in BOSH"
      ),
    ],
    examples: [
      (
        line: "lockstep logrotate > /etc/logrotate.d/lockstep",
        does: "rotate the logs of /var/vcap, if no agent has written /etc/logrotate.d/vcap"
      ),
      (
        line: "lockstep logrotate --vm ./root --size 1M",
        does: "print the file for another folder, for logs from 1 MiB on"
      ),
    ],
    tellsRefusal: true
  )

  static func run(
    _ arguments: ParsedArguments,
    _ console: Console
  ) throws(CommandFailure) -> ExitStatus {
    let vm = arguments["--vm"] ?? VMFolder.defaultPath
    if let size = arguments["--size"], !LogRotation.isSize(size) {
      throw CommandFailure(
        message: "'--size' takes bytes, or a number with k, M or G, not '\(size)'"
      )
    }
    guard let real = FileReader.resolved(vm), FileReader.isFolder(real) else {
      throw CommandFailure(
        message: "there is no folder '\(vm)'",
        help: "give an existing folder with --vm ROOT"
      )
    }
    let size: String
    do throws(Problem) {
      let ofSpec = arguments["--size"] == nil ? try sizeOfSpec(vm) : nil
      size = arguments["--size"] ?? ofSpec ?? LogRotation.standardSize
    } catch {
      throw .refused([error])
    }
    if real == VMFolder.wholeMachine { return try print(folder: "/var/log", size) }
    let base = real
    // On a BOSH VM, `sys` is a link to `data/sys`. logrotate refuses links that do not belong to
    // root.
    let folder =
      FileReader.resolved("\(base)/sys/log")
      ?? FileReader.resolved("\(base)/sys").map { "\($0)/log" } ?? "\(base)/sys/log"
    guard folder.hasPrefix("\(base)/") else {
      throw CommandFailure(
        message: "'\(vm)/sys/log' leads outside the VM's folder, to '\(folder)'"
      )
    }
    return try print(folder: folder, size)
  }

  private static func print(folder: String, _ size: String) throws(CommandFailure) -> ExitStatus {
    guard let text = LogRotation.text(folder: folder, size: size) else {
      throw CommandFailure(
        message: "logrotate cannot take the path '\(folder)'",
        help: "it must have none of \" ' \\ * ? [ ] { } in it"
      )
    }
    Terminal.answer(text)
    return .succeeded
  }

  /// The value from the agent's spec.
  ///
  /// It is passed to logrotate, so it must be a valid size for logrotate.
  private static func sizeOfSpec(_ vm: String) throws(Problem) -> String? {
    guard let size = try LogRotation.size(onVM: vm) else { return nil }
    if LogRotation.isSize(size) { return size }
    throw Problem(
      path: "\(vm)/bosh/spec.json",
      what: "properties.logging.max_log_file_size is '\(size)', which logrotate does not take",
      help: "fix the deployment's property, or give another size with --size"
    )
  }
}
