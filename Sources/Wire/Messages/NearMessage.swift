package import Execution
package import PlanGraph

/// What the near end sends to the far end.
package enum NearMessage: Hashable, Sendable {
  /// The first message: which VM, and which run if there is one already.
  case hello(Hello)
  /// Keep all other runs away from the VM; `locked` or `refused` answers.
  case lock(patience: Duration)
  /// A part of the plan: the steps of this VM. Several in a row, the last one with `isLast`.
  case plan(PlanPart)
  /// Find out what would certainly fail, leaving out these steps; `checked` answers.
  case check(supervisor: String, leavingOut: [NodeID])
  /// Find out what earlier runs have left, but this one; `leftovers` answers.
  case look(run: String?)
  /// Wait for processes that earlier runs have left, or end them; `settled` answers.
  case settle(ending: Bool)
  /// The run begins or goes on; `begun` answers.
  case begin(Begin)
  /// As `Action.start`; asked again for the same attempt, it starts nothing twice.
  case start(NodeID, attempt: Int, cause: HandlerCauseWords?)
  /// As `Action.recover`.
  case recover(NodeID, attempt: Int)
  /// As `Action.terminate`.
  case terminate(NodeID)
  /// As `Action.kill`.
  case kill(NodeID)
  /// As `Action.ask`; `answered` answers.
  case ask(NodeID, RuntimeCondition)
  /// Send the end of a step's logs; `tail` answers.
  case tail(NodeID)
  /// Kill everything that is under way, because the coordinator leaves without waiting.
  case abandon
  /// The run is over, or it was interrupted and nothing of it runs here; `finished` answers.
  case finish(isOver: Bool)
  /// Are you there? `pong` answers.
  case ping

  /// The first message.
  package struct Hello: Hashable, Sendable {
    package var version: Int
    /// The VM's folder as it was given; nil for the far end's default.
    package var root: String?
    /// The run's name, if it has one already: a far end that works for it takes the connection over.
    package var run: String?

    /// Makes a first message.
    package init(version: Int = WireProtocol.version, root: String?, run: String?) {
      (self.version, self.root, self.run) = (version, root, run)
    }
  }

  /// What a far end has to know of a run.
  package struct Begin: Hashable, Sendable {
    /// The run's name.
    package var run: String
    /// As the command line has it.
    package var supervisor: String
    /// The machine and the folder of the records, for people who find the run on the VM.
    package var coordinator: String
    /// Whether it goes on after a coordinator was lost.
    package var isResumed: Bool

    /// Makes a beginning.
    package init(run: String, supervisor: String, coordinator: String, isResumed: Bool) {
      self.run = run
      self.supervisor = supervisor
      self.coordinator = coordinator
      self.isResumed = isResumed
    }
  }
}
