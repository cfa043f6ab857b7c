package import PlanLanguage
import Words

/// The host of each instance of a plan.
package struct HostAssignment: Sendable {
  /// In the order of the instances; those without a host are left out.
  package var hosts: [ResolvedHost] = []
  /// What is wrong.
  package var diagnostics: [Diagnostic] = []

  /// No hosts.
  package init() {}

  /// Whether every instance has a host of its own.
  package var isComplete: Bool { !diagnostics.contains { $0.severity == .error } }
}

extension ResolvedHost {
  /// Fills in what an instance makes of a line.
  init(_ host: Host, deploymentJob: String, index: String, _ standard: CarrierCommand?) {
    let instance = "\(deploymentJob)/\(index)"
    let text = try? PlaceholderText(host.address, allowed: Placeholder.ofInstance)
    let address = text?.filled { placeholder in
      switch placeholder {
      case .job: deploymentJob
      case .index: index
      default: host.boshName ?? instance
      }
    }
    self.init(
      instance: instance,
      user: host.user,
      address: address ?? host.address,
      port: host.port,
      root: host.root,
      via: nil,
      boshName: host.boshName,
      location: host.location,
      addressLocation: host.addressLocation
    )
    guard let command = host.via ?? standard else { return }
    via = command.arguments(for: self)
    viaNamesHost = !command.placeholders.isEmpty
  }
}

extension HostsFile {
  /// At most so many instances without a host have a diagnostic of their own.
  private static let mostMissing = 5
  /// At most so many lines about nothing have a diagnostic.
  private static let mostUnused = 20

  /// Finds the host of each instance.
  ///
  /// - Parameters:
  ///   - instances: the instances of the plan that need a host, such as `web/0`.
  ///   - others: the instances of the plan that need none.
  /// - Returns: the hosts, and what is wrong: an instance without a host, a host for two instances of
  ///   one deployment job, and lines that are about nothing.
  package func resolve(instances: [String], others: [String] = []) -> HostAssignment {
    var result = HostAssignment()
    var byPattern: [InstancePattern: Host] = [:]
    for host in hosts { byPattern[host.pattern] = host }
    var used: Set<InstancePattern> = []
    var owners: [String: [ResolvedHost.Identity: ResolvedHost]] = [:]
    var missing: [(instance: String, pattern: InstancePattern)] = []
    for instance in instances {
      guard case .instance(let job, let index)? = InstancePattern(instance) else { continue }
      let pattern = InstancePattern.instance(deploymentJob: job, index: index)
      guard let host = byPattern[pattern] ?? byPattern[.deploymentJob(job)] ?? byPattern[.all]
      else {
        missing.append((instance, pattern))
        continue
      }
      used.insert(host.pattern)
      let resolved = ResolvedHost(host, deploymentJob: job, index: index, via)
      result.hosts.append(resolved)
      if let diagnostic = withoutValue(resolved, host) { result.diagnostics.append(diagnostic) }
      if let other = owners[job, default: [:]].updateValue(resolved, forKey: resolved.identity),
        !diagnostics.contains(where: { $0.code == .sharedHost })
      {
        result.diagnostics.append(.sharedHost(resolved, other))
      }
    }
    result.diagnostics += self.missing(missing, used)
    result.diagnostics += unused(used, instances, others)
    return result
  }

  /// A placeholder of the carrier's command that has no value.
  private func withoutValue(_ resolved: ResolvedHost, _ host: Host) -> Diagnostic? {
    guard let command = host.via ?? via else { return nil }
    let absent: (Placeholder, String)
    if host.user == nil, command.placeholders.contains(.user) {
      absent = (.user, "write USER@HOST")
    } else if host.port == nil, command.placeholders.contains(.port) {
      absent = (.port, "write HOST:PORT")
    } else {
      return nil
    }
    return Diagnostic(
      .unusableHost,
      at: host.addressLocation,
      "the command for '\(resolved.instance)' contains '\(absent.0.written)', and its host has none",
      notes: [Diagnostic.Note(absent.1)]
    )
  }

  private func missing(
    _ missing: [(instance: String, pattern: InstancePattern)],
    _ used: Set<InstancePattern>
  ) -> [Diagnostic] {
    guard let source = sources.first else { return [] }
    let end = UInt32(source.bytes.count)
    // The end of the last line, where another one can be added.
    let last = source.bytes.lastIndex { $0 != 0x0A && $0 != 0x0D }.map { UInt32($0 + 1) } ?? 0
    let isFile = source.name != "--vm" && !isFromBosh
    let others = hosts.lazy.map(\.pattern).filter { !used.contains($0) }.prefix(1000)
    let candidates = others.map { "\($0)" }
    var result: [Diagnostic] = []
    for (instance, pattern) in missing.prefix(Self.mostMissing) {
      let place = withoutAddress[pattern]
      var notes: [Diagnostic.Note] = []
      if place != nil {
        notes.append(Diagnostic.Note("BOSH knows this instance, but it has no VM with an address"))
      } else if !isFromBosh, let near = nearMiss(instance, among: candidates) {
        notes.append(Diagnostic.Note("there is a line for '\(near)'"))
      } else if isFromBosh {
        notes.append(Diagnostic.Note("BOSH does not name this instance"))
      }
      if !isFile, !isFromBosh {
        notes.append(Diagnostic.Note("add --vm \(instance)=ssh://USER@HOST"))
      }
      let line = "\(instance)  USER@HOST"
      result.append(
        Diagnostic(
          .missingHost,
          at: place ?? Location(source.id, Span(last, last)),
          "no host is given for '\(instance)'",
          notes: notes,
          fixIt: isFile
            ? Diagnostic.FixIt(
              "add the line '\(line)'",
              replacing: Span(end, end),
              with: (end == last && end > 0 ? "\n" : "") + line + "\n"
            ) : nil
        )
      )
    }
    if missing.count > Self.mostMissing, var final = result.popLast() {
      let more = missing.count - Self.mostMissing
      final.notes.append(
        Diagnostic.Note("\(counted(more, "more instance has", "more instances have")) no host")
      )
      result.append(final)
    }
    return result
  }

  private func unused(
    _ used: Set<InstancePattern>,
    _ instances: [String],
    _ others: [String]
  ) -> [Diagnostic] {
    // BOSH names whole deployments, and a plan may be about less.
    if isFromBosh { return [] }
    let known = Set(instances).union(others)
    let jobs = Set(known.map { String($0.prefix { $0 != "/" }) })
    var result: [Diagnostic] = []
    for host in hosts where !used.contains(host.pattern) {
      if result.count == Self.mostUnused { break }
      let message: String
      var candidates: [String] = []
      switch host.pattern {
      case .instance(let job, _):
        if known.contains("\(host.pattern)") { continue }
        message = "the plan has no instance '\(host.pattern)'"
        candidates = jobs.contains(job) ? [] : known.sorted()
      case .deploymentJob(let job):
        message =
          jobs.contains(job)
          ? "no instance of '\(job)' is left for '\(host.pattern)'"
          : "the plan has no deployment job '\(job)'"
        candidates = jobs.contains(job) ? [] : jobs.map { "\($0)/*" }.sorted()
      case .all: message = "no instance is left for '*'"
      }
      let near = nearMiss("\(host.pattern)", among: candidates)
      result.append(
        Diagnostic(
          .unusedHost,
          at: host.location,
          message,
          fixIt: near.map {
            Diagnostic.FixIt("write '\($0)'", replacing: host.location.span, with: $0)
          }
        )
      )
    }
    return result
  }
}

extension Diagnostic {
  /// One host for two instances of a deployment job.
  static func sharedHost(_ second: ResolvedHost, _ first: ResolvedHost) -> Diagnostic {
    var notes: [Note] = []
    if first.addressLocation != second.addressLocation {
      notes.append(Note("'\(first.instance)' is here", at: first.addressLocation))
    }
    notes.append(
      Note("each instance of a deployment job needs a host, a port or a folder (vm=) of its own")
    )
    return Diagnostic(
      .sharedHost,
      at: second.addressLocation,
      "'\(second.instance)' has the same host as '\(first.instance)', \(quoted(second.shown))",
      notes: notes
    )
  }
}
