package import PlanGraph

/// The steps in a run's header: their lines, one after another.
///
/// A plan may have a million steps, and they are rarely needed one by one. Two tables are compared
/// as bytes, and parsed only if they differ.
package struct StepTable: Hashable, Sendable, Sequence {
  /// The lines without their separators in a journal.
  private var bytes: [UInt8] = []
  /// Where each line ends.
  private var ends: [Int] = []

  /// Makes an empty table.
  package init() {}

  /// How many steps there are.
  package var count: Int { ends.count }

  /// Adds a step.
  ///
  /// - Parameters:
  ///   - node: its number.
  ///   - digest: the digest of its text and clauses.
  ///   - script: the digest of its script's contents; nil for none.
  ///   - name: its full name.
  package mutating func append(_ node: NodeID, digest: UInt64, script: UInt64?, name: String) {
    bytes += "step ".utf8
    bytes += String(node.index).utf8
    bytes.append(UInt8(ascii: " "))
    append(hexadecimal: digest)
    bytes.append(UInt8(ascii: " "))
    if let script { append(hexadecimal: script) } else { bytes.append(UInt8(ascii: "-")) }
    bytes.append(UInt8(ascii: " "))
    bytes += RecordText.quoted(name).utf8
    ends.append(bytes.count)
  }

  /// Adds a line that was read, if it is a step's line.
  mutating func append(line: UnsafeRawBufferPointer) -> Bool {
    guard line.starts(with: "step ".utf8) else { return false }
    bytes.append(contentsOf: line)
    ends.append(bytes.count)
    return true
  }

  private mutating func append(hexadecimal value: UInt64) {
    for shift in stride(from: 60, through: 0, by: -4) {
      let digit = UInt8(truncatingIfNeeded: value >> UInt64(shift)) & 0xF
      bytes.append(digit < 10 ? 0x30 + digit : 0x61 - 10 + digit)
    }
  }

  /// Calls `body` with each line.
  package func forEachLine(_ body: (ArraySlice<UInt8>) -> Void) {
    var start = 0
    for end in ends {
      body(bytes[start..<end])
      start = end
    }
  }

  /// The steps one by one.
  ///
  /// Lines that cannot be read as a step are left out.
  package func makeIterator() -> AnyIterator<RunHeader.Step> {
    var index = 0
    return AnyIterator {
      while index < ends.count {
        let line = bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
        index += 1
        if let step = line.withUnsafeBytes(RunHeader.Step.init) { return step }
      }
      return nil
    }
  }
}

extension RunHeader.Step {
  /// Reads a line.
  fileprivate init?(_ line: UnsafeRawBufferPointer) {
    guard let fields = RecordText.fields(line), fields.count == 5, fields[0] == "step",
      let number = UInt32(fields[1]), let digest = UInt64(fields[2], radix: 16)
    else { return nil }
    self.init(
      node: NodeID(number),
      digest: digest,
      script: UInt64(fields[3], radix: 16),
      name: fields[4]
    )
  }
}
