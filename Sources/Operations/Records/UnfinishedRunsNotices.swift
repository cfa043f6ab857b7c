import Machine
import VM
import Words

/// The messages about unfinished runs.
extension UnfinishedRuns {
  /// Whether nothing may start until a person decides about these.
  var isInTheWay: Bool { !strangers.isEmpty || runs.contains { $0.isInTheWay } }

  /// Which runs there are, and what prevents another one.
  var notices: [Notice] {
    unusable.map { id, why in
      .words("warning: run \(id) has begun and is not over, and nothing is known about it: \(why)")
    }
      + runs.map { .paragraphs($0.isInTheWay ? $0.obstacle : $0.warning) }
      + strangers.map { .paragraphs(Self.obstacle($0)) }
  }

  /// Reports them.
  ///
  /// - Throws: an error if one prevents a new run.
  func refuseIfInTheWay(_ tell: Tell) throws(CommandFailure) {
    if isInTheWay { throw CommandFailure(.refused, notices) }
    for notice in notices { tell(notice) }
  }

  private static func obstacle(_ process: LeftoverProcess) -> [Paragraph] {
    [
      Paragraph("error: \(process.step)", isVerbatim: true),
      Paragraph(
        "still runs, as \(process.words); the run that started it is unknown here; a script "
          + "never runs twice at once on a VM",
        indent: 2
      ),
      Paragraph(
        "help: wait until it has ended, or end it: kill -TERM -- -\(process.process)",
        indent: 2
      ),
    ]
  }

  /// The same as problems, one per run.
  var problems: [Problem] {
    runs.filter(\.isInTheWay).map { run in
      Problem(
        path: run.path,
        what: "\(run.words) \(run.state): \(run.reasons.joined(separator: "; "))",
        help: "\(run.advice); or abandon it: lockstep run with --abandon \(run.id)"
      )
    }
      + strangers.map { process in
        Problem(
          path: process.step,
          what: "still runs, as \(process.words)",
          help: "wait until it has ended"
        )
      }
  }
}

extension LeftoverProcess {
  /// For people: `process 708, since 2026-11-21 07:55:12 UTC`.
  var words: String { "process \(process)" + (since.map { ", since \($0)" } ?? "") }
}

extension UnfinishedRuns.Found {
  /// How far it is.
  fileprivate var state: String { isFar ? "is not over" : "was interrupted" }

  /// How to resume it, in one line.
  fileprivate var advice: String {
    if let resumeCommand { return "resume it: \(resumeCommand)" }
    return "resume it where it is coordinated" + (coordinator.map { ", \($0)" } ?? "")
  }

  /// Why it prevents another run, one line each.
  fileprivate var reasons: [String] {
    left.living.map { "\($0.step) still runs, as \($0.words)" }
      + left.doubtful.map {
        "\($0) is not idempotent, and how it ended is unknown; only a person can tell whether its work "
          + "is done"
      }
  }

  /// That it is not over and what still runs of it, while it is being worked for.
  var stateOfWork: [Paragraph] {
    [Paragraph("\(words) \(state)")]
      + reasons.map { Paragraph($0, indent: 2) }
      + [Paragraph("help: \(advice)", indent: 2)]
  }

  /// What it has left, and how to continue.
  fileprivate var obstacle: [Paragraph] {
    let most = 10
    let isDead = left.living.isEmpty
    var told = [Paragraph("error: \(words) \(state)", isVerbatim: !isFar)]
    told += reasons.prefix(most).map { Paragraph($0, indent: 2) }
    if reasons.count > most {
      told.append(Paragraph("and \(reasons.count - most) more", indent: 2))
    }
    if isFar {
      told.append(Paragraph("help: \(advice)", indent: 2))
    } else {
      told.append(helpToResume(isDead))
    }
    told += resumeLines.map { Paragraph($0, indent: 4, isVerbatim: true) }
    told.append(
      Paragraph(
        isDead
          ? "or abandon that run and start a new one:"
          : "or abandon that run and start a new one, after what still runs has ended or was ended:",
        indent: 2
      )
    )
    let ways = isDead ? [""] : ["=wait", "=end"]
    told += ways.map { Paragraph("--abandon \(id)\($0)", indent: 4, isVerbatim: true) }
    return told
  }

  private func helpToResume(_ isDead: Bool) -> Paragraph {
    Paragraph(
      isDead
        ? "help: check what it did, then resume that run, which asks what to assume:"
        : "help: a script never runs twice at once on a VM; resume that run, which waits for it:",
      indent: 2
    )
  }

  /// The note that it is not over, if it does not prevent another run.
  fileprivate var warning: [Paragraph] {
    let remark = damage.map { "; \($0)" } ?? ""
    if isFar { return [Paragraph("warning: \(words) is not over\(remark); \(advice)")] }
    return [
      Paragraph("warning: \(words) was interrupted and is not over\(remark); to resume it:")
    ] + resumeLines.map { Paragraph($0, indent: 2, isVerbatim: true) }
  }
}
