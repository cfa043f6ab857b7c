import Fleet
import PlanGraph
import PlanLanguage
import System
import VM
import Wire
import Words

extension HostSelection {
  /// Finds the hosts of a plan's instances, and connects to all of them.
  ///
  /// - Parameters:
  ///   - request: which hosts.
  ///   - plan: for which plan, with its params and facts.
  ///   - tell: is told of hosts that could not be reached, if the run goes on without them.
  /// - Returns: the hosts, connected.
  /// - Throws: what is wrong with the hosts or the plan (status 3, 2), or which hosts cannot be
  ///   reached (status 3).
  static func connect(
    _ request: HostsRequest,
    for plan: PlanRequest,
    _ tell: Tell
  ) throws(CommandFailure) -> HostSelection {
    let selection = try connect(request, to: try hosts(request, for: plan, tell))
    try selection.checkReached(tell)
    return selection
  }

  /// Connects to hosts, without judging which were reached.
  ///
  /// - Throws: that nothing can be started.
  private static func connect(
    _ request: HostsRequest,
    to resolved: [ResolvedHost]
  ) throws(CommandFailure) -> HostSelection {
    var members: [Fleet.Member] = []
    var numbers: [ResolvedHost.Identity: Int] = [:]
    var instances: [(path: String, host: Int)] = []
    for host in resolved {
      if let known = numbers[host.identity] {
        // Instances of different deployment jobs may share a VM.
        members[known].name += ", \(host.instance)"
        instances.append((host.instance, known))
        continue
      }
      numbers[host.identity] = members.count
      instances.append((host.instance, members.count))
      members.append(
        Fleet.Member(
          name: host.instance,
          place: host,
          carrier: Carrier(to: host, shell: request.shell)
        )
      )
    }
    let recorded = resolved.map { RecordedHost(Carrier.recordable($0), shell: request.shell) }
    let selection: HostSelection
    do throws(SystemError) {
      let copy = request.mayCopy ? try ProgramCopy() : nil
      let fleet = try Fleet(members, Bootstrap(copy: copy))
      selection = HostSelection(fleet, instances, recorded: recorded, request)
      try fleet.connect(run: request.run)
    } catch {
      throw .refused([Problem(path: "hosts", what: "\(error)")])
    }
    return selection
  }

  /// Connects to the hosts of a plan, or to all that are named, to look at them.
  ///
  /// - Parameters:
  ///   - request: which hosts.
  ///   - plan: whose instances are meant; nil for all instances that are named.
  ///   - tell: is told of what is odd about the hosts.
  /// - Returns: the hosts, some of which may not have been reached.
  /// - Throws: what is wrong with the hosts file or the plan.
  static func look(
    _ request: HostsRequest,
    for plan: PlanRequest?,
    _ tell: Tell
  ) throws(CommandFailure) -> HostSelection {
    try connect(request, to: try hosts(request, for: plan, tell))
  }

  /// The host of every instance of a plan.
  private static func hosts(
    _ request: HostsRequest,
    for plan: PlanRequest?,
    _ tell: Tell
  ) throws(CommandFailure) -> [ResolvedHost] {
    if !request.recorded.isEmpty {
      return try request.recorded.map { recorded throws(CommandFailure) in
        guard let host = ResolvedHost(recorded) else {
          throw CommandFailure(
            message: "the run's record has no usable host for \(recorded.instance)"
          )
        }
        return host
      }
    }
    let file = request.file.map {
      SourceFile(id: FileID(0), name: $0.name, bytes: $0.bytes)
    }
    let hosts = HostsFile(file, options: request.options, via: request.via)
    if hosts.hasErrors {
      throw CommandFailure(.refused, [.findings(Findings(hosts.diagnostics, of: hosts.sources))])
    }
    let instances = try instances(of: plan, hosts)
    let assignment = hosts.resolve(instances: instances)
    let all = Findings(hosts.diagnostics + assignment.diagnostics, of: hosts.sources)
    if !assignment.isComplete { throw CommandFailure(.refused, [.findings(all)]) }
    if !all.diagnostics.isEmpty { tell(.findings(all)) }
    return assignment.hosts
  }

  /// The instances that a plan declares, or those that the hosts are for if it declares none.
  private static func instances(
    of plan: PlanRequest?,
    _ hosts: HostsFile
  ) throws(CommandFailure) -> [String] {
    guard let plan, plan.declaresJobs else {
      let named = hosts.hosts.compactMap { host in
        if case .instance = host.pattern { host.pattern.description } else { nil }
      }
      if named.isEmpty {
        throw CommandFailure(
          .refused,
          [
            .ofCommand(
              plan == nil
                ? "no line names an instance"
                : "the plan declares no deployment jobs, and no line names an instance",
              help: "name each instance in the hosts file, such as web/0"
            )
          ]
        )
      }
      return named
    }
    let graph = try Preparation.graph(of: plan, isAlone: true) { _ in }
    return graph.subjects.members(of: .deployment, at: .instance).map(graph.subjects.path)
  }

  /// Refuses hosts that could not be reached, or tells of them.
  private func checkReached(_ tell: Tell) throws(CommandFailure) {
    let missing = fleet.unreached
    if missing.isEmpty { return }
    let problems = missing.flatMap(\.problems)
    let isUnknown = instances.contains { report(of: $0.path) == nil }
    let isHopeless = missing.contains { $0.failure?.isPermanent == true }
    let mayGoOn = request.unreachable == .fail && !isHopeless
    if !mayGoOn || isUnknown {
      var notices = [Notice.problems(problems)]
      if request.unreachable == .fail, mayGoOn {
        notices.append(
          .ofCommand("no host of a deployment job is reached, so nobody knows its release jobs")
        )
      }
      throw CommandFailure(.refused, notices)
    }
    for problem in problems {
      tell(.words("warning: \(problem.description); its steps will fail"))
    }
  }
}

extension FarHost {
  /// Why it cannot be worked with; nothing if it can.
  var problems: [Problem] {
    guard let failure else { return [] }
    let whose = "\(name) (\(place.shown))"
    if failure.problems.isEmpty {
      return [Problem(path: whose, what: failure.words, help: failure.help)]
    }
    return failure.problems.map { at($0) }
  }

  /// A problem on this host, named so that it is found.
  func at(_ problem: Problem) -> Problem {
    var problem = problem
    problem.path = "\(name): \(problem.path)"
    return problem
  }
}

extension RecordedHost {
  init(_ host: ResolvedHost, shell: [String]) {
    let words = [
      host.user ?? "-", host.address, host.port.map { "\($0)" } ?? "-", host.root ?? "-",
      shellWords(shell),
    ]
    instance = host.instance
    text = Self.mark + shellWords(words + (host.via ?? []))
  }

  /// The words of its text.
  fileprivate var words: [String]? {
    guard text.hasPrefix(Self.mark) else { return nil }
    return try? CarrierCommand.words(of: String(text.dropFirst(Self.mark.count)))
  }

  /// The shell at the other end, in words.
  var shell: [String] {
    guard let words, words.count >= 5 else { return ["sh"] }
    return (try? CarrierCommand.words(of: words[4])) ?? ["sh"]
  }
}

extension ResolvedHost {
  /// Reads a host from a run's record; nil if it is none.
  fileprivate init?(_ recorded: RecordedHost) {
    guard let words = recorded.words, words.count >= 5 else { return nil }
    let port = UInt16(words[2])
    if port == nil, words[2] != "-" { return nil }
    self.init(
      instance: recorded.instance,
      user: words[0] == "-" ? nil : words[0],
      address: words[1],
      port: port,
      root: words[3] == "-" ? nil : words[3],
      via: words.count > 5 ? Array(words[5...]) : nil,
      location: .inNoFile,
      addressLocation: .inNoFile
    )
    viaNamesHost = via != nil
  }
}
