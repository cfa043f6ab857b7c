/// Joins the pieces of a string so that no two texts are adjacent and none is empty.
struct SegmentBuilder {
  private var segments: [StringLiteral.Segment] = []
  private var pending = ""

  mutating func append(_ text: String) {
    if pending.isEmpty { pending = text } else { pending += text }
  }

  mutating func append(_ param: Name) {
    if !pending.isEmpty { segments.append(.text(pending)) }
    pending = ""
    segments.append(.param(param))
  }

  mutating func finish() -> [StringLiteral.Segment] {
    if !pending.isEmpty { segments.append(.text(pending)) }
    pending = ""
    return segments
  }
}
