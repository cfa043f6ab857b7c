/// Lets only so many connections begin at once: sshd drops what is more (`MaxStartups`).
package final class ConnectPacing {
  /// How many may be on their way at once.
  ///
  /// Debian's sshd begins to refuse some at 10, and a jump host may have to take them all.
  package static let usual = 8

  private let most: Int
  private var underWay = 0
  private var waiting: [(id: ObjectIdentifier, begin: () -> Void)] = []

  /// Makes a pacing.
  package init(most: Int = usual) { self.most = most }

  /// Calls `begin` now, or as soon as there is room; `leave` makes room.
  func enter(_ owner: AnyObject, _ begin: @escaping () -> Void) {
    if underWay < most {
      underWay += 1
      begin()
    } else {
      waiting.append((ObjectIdentifier(owner), begin))
    }
  }

  /// Gives up a turn that has not come yet.
  ///
  /// - Returns: whether it had not come.
  func giveUp(_ owner: AnyObject) -> Bool {
    let before = waiting.count
    waiting.removeAll { $0.id == ObjectIdentifier(owner) }
    return waiting.count < before
  }

  /// Makes room for the next one.
  func leave() {
    if waiting.isEmpty {
      underWay -= 1
    } else {
      waiting.removeFirst().begin()
    }
  }
}
