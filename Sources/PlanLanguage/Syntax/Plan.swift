/// The contents of a file of the plan language: one plan.
package struct PlanFile: Sendable {
  /// The text it was parsed from.
  package var source: SourceFile
  /// The plan; nil if nothing in the text could be one.
  package var plan: PlanDecl?
  /// Whether the text has mistakes, so that something that its author wrote may be missing here.
  package var isBroken = false
}

/// `plan NAME { … }`.
package struct PlanDecl: Sendable {
  /// The comment block directly above it, without the `#`s; nil if there is none.
  package var documentation: String?
  package var name: Name
  package var clauses: [Clause]
  package var items: [Item]
  package var handlers: [Handler] = []
  /// The tests, which do not change a run.
  package var tests: [TestDecl] = []
  /// The place, from `plan` to the closing brace.
  package var span: Span
}

/// What a plan can contain directly, after its clauses.
package enum Item: Sendable {
  case param(ParamDecl)
  case deploymentJob(DeploymentJobDecl)
  case include(IncludeDecl)
  case phase(PhaseDecl)
  case barrier(BarrierDecl)
  case rollout(RolloutDecl)
}

/// `param NAME [secret] [= value]`.
package struct ParamDecl: Sendable {
  package var documentation: String?
  package var name: Name
  package var isSecret: Bool
  /// The default; nil if a value must be given.
  package var value: LiteralValue?
  package var span: Span
}

/// `deployment-job NAME { … }`: what BOSH v2 calls an instance group.
package struct DeploymentJobDecl: Sendable {
  /// One setting of a deployment job.
  package enum Clause: Sendable {
    case releaseJobs([Name], Span)
    case instances(IntValue, Span)
    case after([Name], Span)
    case pace(Pace)
  }

  package var documentation: String?
  package var name: Name
  package var clauses: [Clause]
  package var span: Span
}

/// `canaries AMOUNT` or `max-in-flight AMOUNT`.
package struct Pace: Sendable {
  package enum Kind: Sendable { case canaries, maxInFlight }
  package var kind: Kind
  package var amount: AmountValue
  package var span: Span

  package init(_ kind: Kind, _ amount: AmountValue, _ span: Span) {
    self.kind = kind
    self.amount = amount
    self.span = span
  }
}

/// `include NAME` (a bundled plan) or `include "PATH"` (relative to the including file).
package struct IncludeDecl: Sendable {
  package enum Target: Sendable {
    case bundled(Name)
    case path(Name)

    /// The name or path, with its place.
    package var name: Name {
      switch self {
      case .bundled(let name), .path(let name): name
      }
    }
  }

  package var target: Target
  package var span: Span

  package init(_ target: Target, _ span: Span) {
    self.target = target
    self.span = span
  }
}

/// A level of the tree of subjects, widest last; a phase without `per` is per release job.
package enum Scope: UInt8, Comparable, Sendable, CaseIterable {
  case releaseJob, instance, deploymentJob, deployment

  /// Whether the left scope is narrower than the right one.
  package static func < (left: Scope, right: Scope) -> Bool { left.rawValue < right.rawValue }

  /// Its word in a plan, in messages and in JSON.
  package var word: String {
    switch self {
    case .releaseJob: "release-job"
    case .instance: "instance"
    case .deploymentJob: "deployment-job"
    case .deployment: "deployment"
    }
  }
}

/// `phase NAME [per scope] [in names] [for names] [side-by-side] { … }`.
package struct PhaseDecl: Sendable {
  package var documentation: String?
  package var name: Name
  package var scope: Scope
  /// The place of the scope's word; nil if none is written.
  package var scopeSpan: Span?
  /// The names after `in`; empty if there are none.
  package var deploymentJobs: [Name]
  /// The names after `for`; empty if there are none.
  package var releaseJobs: [Name]
  /// The param after `for` that contains the names; nil if the names are written out.
  package var releaseJobParam: Name?
  /// The place of `side-by-side`, with which `after` does not order the phase; nil if not written.
  package var sideBySideSpan: Span?
  package var block: Block
  package var span: Span
}

/// `barrier across SCOPE`.
package struct BarrierDecl: Sendable {
  package var documentation: String?
  package var scope: Scope
  package var scopeSpan: Span
  package var span: Span
}

/// `rollout { … }`: the canaries of a deployment job enter first, then a few instances at a time.
package struct RolloutDecl: Sendable {
  /// What a rollout can contain after its pace.
  package enum Item: Sendable {
    case phase(PhaseDecl)
    case barrier(BarrierDecl)
    case include(IncludeDecl)
  }

  package var documentation: String?
  package var pace: [Pace]
  package var items: [Item]
  /// The handlers, which run for one instance when it leaves the rollout.
  package var handlers: [Handler] = []
  package var span: Span
}
