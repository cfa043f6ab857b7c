/// Finds lines and columns in a text without storing the place of every line.
///
/// It has one entry for every 4096 bytes. A question reads at most this many bytes.
package struct LineTable: Sendable {
  /// A place in a text, as people count.
  package struct Position: Hashable, Sendable {
    /// The line, from 1.
    package var line: Int
    /// The column, from 1, counted in Unicode scalars.
    package var column: Int
    /// The offset of the line's first byte.
    package var lineStart: Int
  }

  private struct Checkpoint: Sendable {
    var line: UInt32
    var lineStart: UInt32
    /// The scalars from the line's start up to the checkpoint.
    var column: UInt32
  }

  private static let stride = 4096
  private var checkpoints: [Checkpoint] = []

  /// Reads a file once.
  package init(_ source: SourceFile) {
    source.bytes.withUnsafeBufferPointer { bytes in
      checkpoints.reserveCapacity(bytes.count / Self.stride + 1)
      var current = Checkpoint(line: 1, lineStart: 0, column: 0)
      checkpoints.append(current)
      var offset = 0
      while offset + Self.stride <= bytes.count {
        Self.advance(&current, bytes, offset, offset + Self.stride)
        checkpoints.append(current)
        offset += Self.stride
      }
    }
  }

  private static func advance(
    _ place: inout Checkpoint,
    _ bytes: UnsafeBufferPointer<UInt8>,
    _ start: Int,
    _ end: Int
  ) {
    for offset in start..<end {
      let byte = bytes[offset]
      if byte == 0x0A {
        place.line &+= 1
        place.lineStart = UInt32(truncatingIfNeeded: offset + 1)
        place.column = 0
      } else if byte & 0xC0 != 0x80 {
        place.column &+= 1
      }
    }
  }

  /// The line and column of an offset of the same file.
  package func position(of offset: UInt32, in source: SourceFile) -> Position {
    let offset = min(Int(offset), source.bytes.count)
    let index = min(offset / Self.stride, checkpoints.count - 1)
    var place = checkpoints[index]
    source.bytes.withUnsafeBufferPointer {
      Self.advance(&place, $0, index * Self.stride, offset)
    }
    return Position(
      line: Int(place.line),
      column: Int(place.column) + 1,
      lineStart: Int(place.lineStart)
    )
  }
}
