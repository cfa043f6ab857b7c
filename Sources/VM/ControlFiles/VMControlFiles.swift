import System
import Words

/// The monit files of all release jobs of a machine, judged together, as monit loads them together.
///
/// If monit refuses one of them, it knows no process at all; so every one counts, whatever a plan
/// starts.
package struct VMControlFiles {
  /// What else is known about the users of the files.
  package struct Use {
    /// Whether a monit may come to load them as they are.
    package var byMonit = true
    /// Whether only `ctl` will start the processes.
    package var byCtlOnly = false
    /// Names of services that the monit has in addition.
    package var otherServices: Set<String> = []

    /// Says what is known; by default a monit may load the files and nothing else is known.
    package init(
      byMonit: Bool = true,
      byCtlOnly: Bool = false,
      otherServices: Set<String> = []
    ) {
      self.byMonit = byMonit
      self.byCtlOnly = byCtlOnly
      self.otherServices = otherServices
    }
  }

  private struct Declared {
    var file: String
    var service: ControlFile.Service
    var isInBoshGroup: Bool
  }

  package private(set) var problems: [Problem] = []
  /// Release jobs with a file that could not be read.
  package private(set) var broken: Set<String> = []
  private var declared: [Declared] = []
  private let vm: VMFolder
  private let use: Use

  /// Reads and judges them.
  ///
  /// - Parameters:
  ///   - vm: the VM.
  ///   - use: what is known of who will use them.
  package init(of vm: VMFolder, for use: Use) {
    self.vm = vm
    self.use = use
    for releaseJob in vm.releaseJobs {
      for file in ReleaseJobProcesses.files(of: releaseJob.text, on: vm) {
        read(file, of: releaseJob.text)
      }
    }
    checkForDuplicateNames()
    // It is unknown what an unreadable file declares.
    if broken.isEmpty { checkDependencies() }
  }

  private mutating func read(_ file: String, of releaseJob: String) {
    let bytes: [UInt8]?
    do throws(PlainFailure) {
      // Reported elsewhere, and not worth reading.
      if vm.intrusion(at: file) != nil {
        broken.insert(releaseJob)
        return
      }
      bytes = try vm.controlFile(file, limit: ReleaseJobProcesses.largest)
    } catch {
      let folder = "\(vm.path)/jobs/\(releaseJob)"
      problems.append(Problem(error, at: folder))
      broken.insert(releaseJob)
      return
    }
    guard let bytes else { return }
    do throws(ControlFileError) {
      let content = try ControlFileParser.parse(bytes)
      let groups = Dictionary(
        content.processes.map { ($0.name, $0.isInBoshGroup) },
        uniquingKeysWith: { first, _ in first }
      )
      declared += content.services.map {
        Declared(file: file, service: $0, isInBoshGroup: groups[$0.name] ?? false)
      }
      if use.byMonit {
        for fault in content.relativePidFiles {
          add(fault, in: file, help: "write an absolute path, or use --supervisor ctl")
        }
        // Stemcells have 5.2.5, and an agent writes the spec.
        for fault in vm.hasSpec ? content.laterStatements : [] {
          add(fault, in: file, help: "take it out: BOSH's stemcells have that version")
        }
      }
    } catch {
      add(error, in: file, help: nil)
      broken.insert(releaseJob)
    }
  }

  private mutating func add(_ error: ControlFileError, in file: String, help: String?) {
    problems.append(
      Problem(path: "\(vm.path)/\(file)", what: "line \(error.words)", help: help)
    )
  }

  /// Names are the same in upper and lower case.
  private mutating func checkForDuplicateNames() {
    var first: [String: Declared] = [:]
    for one in declared {
      guard let other = first[one.service.name.lowercased()] else {
        first[one.service.name.lowercased()] = one
        continue
      }
      let what =
        "has a second check with the name \(quoted(one.service.name)); the first is in "
        + "\(other.file):\(other.service.place.line)"
      add(
        ControlFileError(place: one.service.place, what: what),
        in: one.file,
        help: "rename one: monit refuses both"
      )
    }
  }

  private mutating func checkDependencies() {
    let services = Dictionary(
      declared.map { ($0.service.name.lowercased(), $0) },
      uniquingKeysWith: { first, _ in first }
    )
    for one in declared {
      for dependency in one.service.dependencies {
        let other = services[dependency.name.lowercased()]
        if let other, other.isInBoshGroup || !use.byCtlOnly || !one.isInBoshGroup { continue }
        let isElsewhere = use.otherServices.contains(dependency.name.lowercased())
        if other == nil, isElsewhere, !use.byCtlOnly { continue }
        let what =
          "has \(quoted(one.service.name)) depend on \(quoted(dependency.name)), which no monit file "
          + "of this VM declares" + (other == nil ? "" : " as a process of group vcap")
        add(ControlFileError(place: dependency.place, what: what), in: one.file, help: nil)
      }
    }
    checkForCircles(services)
  }

  /// Reports each cycle of `depends on` once, at the service that the files declare first.
  private mutating func checkForCircles(_ services: [String: Declared]) {
    var edges: [String: [String]] = [:]
    var reversed: [String: [String]] = [:]
    for (name, one) in services {
      for dependency in one.service.dependencies {
        let other = dependency.name.lowercased()
        if services[other] == nil { continue }
        edges[name, default: []].append(other)
        reversed[other, default: []].append(name)
      }
    }
    // A service is in no cycle if it depends on none of the rest, or if none of the rest depends on
    // it.
    let tied = Self.tied(Self.tied(Set(services.keys), edges, reversed), reversed, edges)
    var left = services.filter { tied.contains($0.key) }
    for one in declared where left[one.service.name.lowercased()] != nil {
      guard let circle = circle(from: one, left) else { continue }
      for other in circle { left[other.service.name.lowercased()] = nil }
      let names = (circle + [circle[0]]).map { quoted($0.service.name) }
      let shown =
        names.count > 8 ? names.prefix(5) + ["…"] + names.suffix(2) : names[...]
      let what =
        "has a circle: " + shown.joined(separator: " depends on ")
      add(
        ControlFileError(place: one.service.place, what: what),
        in: one.file,
        help: "take one 'depends on' out"
      )
    }
  }

  /// The names that are left when those without an edge to another one are taken out, over and
  /// over.
  private static func tied(
    _ names: Set<String>,
    _ edges: [String: [String]],
    _ reversed: [String: [String]]
  ) -> Set<String> {
    var left = names
    var counts: [String: Int] = [:]
    for name in names { counts[name] = (edges[name] ?? []).count { names.contains($0) } }
    var free = names.filter { counts[$0] == 0 }
    while let name = free.popFirst() {
      left.remove(name)
      for other in reversed[name] ?? [] where left.contains(other) {
        counts[other, default: 0] -= 1
        if counts[other] == 0 { free.insert(other) }
      }
    }
    return left
  }

  /// The services of a circle that a service is in; nil if it only depends on one.
  private func circle(from start: Declared, _ left: [String: Declared]) -> [Declared]? {
    let first = start.service.name.lowercased()
    // The way back is the shortest.
    var cameFrom: [String: String] = [:]
    var queue = [first][...]
    while let name = queue.popFirst() {
      for dependency in left[name]?.service.dependencies ?? [] {
        let next = dependency.name.lowercased()
        if left[next] == nil { continue }
        if next == first {
          var way = [name]
          while let last = way.last, last != first, let before = cameFrom[last] {
            way.append(before)
          }
          return way.reversed().compactMap { left[$0] }
        }
        if cameFrom[next] == nil {
          cameFrom[next] = name
          queue.append(next)
        }
      }
    }
    return nil
  }
}
