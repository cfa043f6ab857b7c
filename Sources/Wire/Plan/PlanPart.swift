package import PlanGraph
package import PlanLanguage

/// A part of what a far end has to know of a plan: the steps of its VM.
///
/// The near end's numbers name templates and nodes. What a part uses, the same part or one before it
/// has.
package struct PlanPart: Hashable, Sendable {
  /// A deployment job, an instance or a release job; the deployment itself is always there.
  package struct Subject: Hashable, Sendable {
    package var name: String
    /// The place of the subject that holds it: 0 for the deployment, n for the n-th of all parts.
    package var parent: UInt32

    /// Makes a subject.
    package init(name: String, parent: UInt32) { (self.name, self.parent) = (name, parent) }
  }

  /// A phase, or what else steps belong to.
  package struct Item: Hashable, Sendable {
    package var name: String
    package var scope: Scope

    /// Makes a phase.
    package init(name: String, scope: Scope) { (self.name, self.scope) = (name, scope) }
  }

  /// A step as the plan states it.
  package struct Template: Sendable {
    package var id: StepTemplateID
    package var step: StepTemplate
    /// The beginning of the names of its logs; nil if it has none.
    package var stem: String?

    /// Makes a template.
    package init(id: StepTemplateID, step: StepTemplate, stem: String?) {
      (self.id, self.step, self.stem) = (id, step, stem)
    }
  }

  /// A step on its subject.
  package struct Step: Hashable, Sendable {
    package var node: NodeID
    package var template: StepTemplateID
    /// The place of its subject.
    package var subject: UInt32
    /// Whether it certainly runs, and its failure counts, if everything before it succeeds.
    package var isCertain: Bool

    /// Makes a step.
    package init(node: NodeID, template: StepTemplateID, subject: UInt32, isCertain: Bool) {
      (self.node, self.template, self.subject) = (node, template, subject)
      self.isCertain = isCertain
    }
  }

  /// The plan's name.
  package var name: String
  package var subjects: [Subject] = []
  package var items: [Item] = []
  package var templates: [Template] = []
  package var steps: [Step] = []
  /// Whether this is the last part.
  package var isLast = false

  /// Makes a part with nothing in it.
  package init(name: String) { self.name = name }
}

extension PlanPart.Template: Hashable {
  /// Whether everything that goes over the wire is equal.
  package static func == (left: Self, right: Self) -> Bool {
    left.id == right.id && left.stem == right.stem && left.step.name == right.step.name
      && left.step.action == right.step.action && left.step.timeout == right.step.timeout
      && left.step.grace == right.step.grace && left.step.settle == right.step.settle
      && left.step.every == right.step.every && left.step.isStrict == right.step.isStrict
      && left.step.environment == right.step.environment
      && left.step.isIdempotent == right.step.isIdempotent
      && left.step.isOptional == right.step.isOptional
      && left.step.condition == right.step.condition
      && left.step.skipReason == right.step.skipReason && left.step.item == right.step.item
  }

  /// Hashes its number, which is enough to tell most apart.
  package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
