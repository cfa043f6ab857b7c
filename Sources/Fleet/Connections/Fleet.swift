import Clock
import Glibc
package import System
package import Wire

/// The machines of a run at the other ends of connections, before and after the run.
///
/// Its calls wait until every host has answered or cannot be reached any more.
package final class Fleet {
  package let hosts: [FarHost]
  package let machinery: Machinery

  /// A host to be reached.
  package struct Member {
    package var name: String
    package var place: ResolvedHost
    package var carrier: Carrier

    /// Describes a host.
    ///
    /// - Parameters:
    ///   - name: what it is called in messages.
    ///   - place: where it is.
    ///   - carrier: what connects to it.
    package init(name: String, place: ResolvedHost, carrier: Carrier) {
      (self.name, self.place, self.carrier) = (name, place, carrier)
    }
  }

  /// Makes a fleet that is not connected yet.
  ///
  /// - Parameters:
  ///   - members: the hosts.
  ///   - bootstrap: how `lockstep` gets there.
  ///   - connects: how many connections may begin at once.
  /// - Throws: an error if the process lacks descriptors.
  package init(
    _ members: [Member],
    _ bootstrap: Bootstrap,
    connects: Int = ConnectPacing.usual
  ) throws(SystemError) {
    // A carrier that is gone must not be our end.
    signal(SIGPIPE, SIG_IGN)
    let machinery = try Machinery(usesGroups: false)
    if members.count > 200 { _ = machinery.spawner.raiseDescriptorLimit() }
    let pacing = ConnectPacing(most: connects)
    self.machinery = machinery
    hosts = members.enumerated().map { number, member in
      FarHost(
        number,
        name: member.name,
        place: member.place,
        carrier: member.carrier,
        bootstrap,
        machinery,
        pacing
      )
    }
  }

  /// The hosts that can be worked with.
  package var reached: [FarHost] { hosts.filter { $0.report != nil && $0.failure == nil } }
  /// The hosts that cannot.
  package var unreached: [FarHost] { hosts.filter { $0.failure != nil } }

  /// Connects to every host.
  ///
  /// Each has a `report` then, or a `failure`.
  ///
  /// - Parameter run: the run that far ends may work for already; nil for a new one.
  /// - Throws: an error if the loop itself fails.
  package func connect(run: String? = nil) throws(SystemError) {
    var open = Set(hosts.indices)
    for host in hosts {
      host.runName = run
      host.settled = { [number = host.number] in open.remove(number) }
      host.connect()
    }
    while !open.isEmpty { try machinery.loop.turn(mayWait: true) }
    for host in hosts { host.settled = nil }
  }

  /// Asks hosts something, and waits for their answers.
  ///
  /// A host whose connection is lost meanwhile gives no answer and has a `failure`.
  ///
  /// - Parameters:
  ///   - hosts: those that are asked.
  ///   - limit: after this time the rest is given up; nil for never.
  ///   - messages: what each is sent.
  ///   - take: called with each message that comes; returns the answer once it is there.
  /// - Returns: the answers, in the order of `hosts`.
  /// - Throws: an error if the loop itself fails.
  package func ask<Answer>(
    _ hosts: [FarHost],
    within limit: Duration? = nil,
    _ messages: (FarHost) -> [NearMessage],
    _ take: @escaping (FarHost, FarMessage) -> Answer?
  ) throws(SystemError) -> [Answer?] {
    var answers = [Answer?](repeating: nil, count: hosts.count)
    var open = Set(hosts.indices)
    for (index, host) in hosts.enumerated() {
      host.listener = { message in
        guard open.contains(index), let answer = take(host, message) else { return }
        answers[index] = answer
        open.remove(index)
      }
      host.settled = { open.remove(index) }
      if host.failure != nil || host.report == nil {
        open.remove(index)
      } else {
        for message in messages(host) { host.send(message) }
      }
    }
    var isLate = false
    let timer = limit.map { machinery.loop.arm(after: $0) { isLate = true } }
    while !open.isEmpty, !isLate { try machinery.loop.turn(mayWait: true) }
    if let timer { machinery.loop.disarm(timer) }
    for host in hosts {
      host.listener = nil
      host.settled = nil
    }
    return answers
  }

  /// Ends all connections: what runs at the far ends continues.
  package func close() { for host in hosts { host.close() } }
}
