import Fleet
import Operations

/// The options that name VMs on other hosts, and how they are reached.
enum HostOptions {
  static let hosts = OptionSpec(
    name: "--hosts",
    value: "FILE",
    help: "the hosts of the instances, one a line: web/0 root@10.0.16.5 [vm=/var/vcap] "
      + "[via=COMMAND]; '-' reads standard input. The JSON of 'bosh instances' or 'bosh vms' works, "
      + "too. A single host can also be given as --vm web/0=ssh://root@10.0.16.5:22/var/vcap"
  )
  static let via = OptionSpec(
    name: "--via",
    value: "COMMAND",
    help: "the command that connects to a shell on a host, in place of ssh: 'ssh -J jump', "
      + "'docker exec -i {host}', 'bosh -d cf ssh {instance} -c'"
  )
  static let shell = OptionSpec(
    name: "--remote-shell",
    value: "COMMAND",
    help: "the shell to start there (default: sh), such as 'sudo -n sh'"
  )
  static let noCopy = OptionSpec(
    name: "--no-copy",
    value: nil,
    help: "do not copy lockstep to hosts that lack it; refuse instead"
  )
  static let unreachable = OptionSpec(
    name: "--unreachable",
    value: "WHAT",
    help: "what to do about hosts that cannot be reached at the start. refuse (default): nothing "
      + "starts; fail: their steps fail, and all others run"
  )
  static let reconnect = OptionSpec(
    name: "--reconnect",
    value: "DURATION",
    help: "how long to connect again to a host that was lost, before its steps fail (default 2m)"
  )
  static let all = [hosts, via, shell, noCopy, unreachable, reconnect]

  /// What a command line says of hosts; nil if it names none.
  static func request(_ arguments: ParsedArguments) throws(CommandFailure) -> HostsRequest? {
    var request = HostsRequest()
    request.options = arguments.all(PlanOptions.vm.name).filter { HostsFile.isHost(option: $0) }
    if let path = arguments[hosts.name] {
      do {
        let name = path == "-" ? "<stdin>" : path
        request.file = HostsRequest.File(name: name, bytes: try FileReader.read(path))
      } catch {
        throw CommandFailure(message: "cannot read the hosts file '\(path)': \(error.reason)")
      }
    }
    if request.file == nil, request.options.isEmpty {
      for option in all where arguments.isSet(option.name) {
        throw CommandFailure(
          message: "'\(option.name)' is about hosts, and none is named",
          help: "name them with --hosts FILE, or --vm web/0=ssh://USER@HOST"
        )
      }
      return nil
    }
    if let text = arguments[via.name] { request.via = try command(text, of: via) }
    if let text = arguments[shell.name] {
      do {
        request.shell = try CarrierCommand.words(of: text)
      } catch {
        throw CommandFailure(message: "'\(shell.name)': \(error.message)")
      }
      if request.shell.isEmpty { throw CommandFailure(message: "'\(shell.name)' is empty") }
    }
    request.mayCopy = !arguments.isSet(noCopy.name)
    let ways = HostsRequest.Unreachable.allCases.map(\.rawValue)
    if let word = try arguments.word(unreachable.name, among: ways),
      let way = HostsRequest.Unreachable(rawValue: word)
    {
      request.unreachable = way
    }
    if let limit = try arguments.duration(reconnect.name) { request.reconnectLimit = limit }
    return request
  }

  private static func command(
    _ text: String,
    of option: OptionSpec
  ) throws(CommandFailure) -> CarrierCommand {
    do {
      return try CarrierCommand(text)
    } catch {
      throw CommandFailure(
        message: "'\(option.name)': \(error.message)",
        help: error.meant.map { "write \($0)" }
      )
    }
  }
}
