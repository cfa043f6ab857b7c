package import Clock
package import Execution
package import PlanGraph

/// The contents of a journal: header, sessions and events.
package struct JournalContents {
  /// Why bytes are not a journal of this program, and where.
  package struct Unreadable: Error, Hashable {
    /// One line for people, without the file's name.
    package var words: String
    package var offset: Int
    /// Whether there is only a part of what comes before the first event.
    ///
    /// Then the run was interrupted before it began, because all of that is on disk before anything
    /// is started.
    package var isUnbegun = false
  }

  /// An event as it was read.
  package struct Entry: Hashable, Sendable {
    package var moment: Instant
    package var event: Event
    /// The offset of its line, in bytes.
    package var offset: Int
  }

  package private(set) var header: RunHeader
  package private(set) var sessions: [RunSession] = []
  /// Where the journal can be cut off and continued.
  package private(set) var scan: JournalScan
  private let bytes: [UInt8]
  /// The places of the lines of events, and the number of sessions before each.
  private var events: [(start: Int, end: Int, session: Int)] = []

  /// Reads everything but the events.
  ///
  /// - Throws: if the bytes are damaged or not a journal.
  package init(_ bytes: [UInt8]) throws(Unreadable) {
    self.bytes = bytes
    var header = RunHeader(run: "", plan: "")
    var sessions: [RunSession] = []
    var events: [(start: Int, end: Int, session: Int)] = []
    var isFirst = true
    scan = try bytes.withUnsafeBufferPointer { (bytes) throws(Unreadable) in
      try JournalScan.scan(UnsafeRawBufferPointer(bytes)) { (payload, offset) throws(Unreadable) in
        if isFirst {
          guard payload.elementsEqual(RunHeader.format.utf8) else {
            throw Unreadable(words: "is not a journal that this lockstep can read", offset: offset)
          }
          isFirst = false
        } else if let first = payload.first, first >= UInt8(ascii: "0"), first <= UInt8(ascii: "9")
        {
          let start = offset + JournalFormat.headerLength
          events.append((start, start + payload.count, sessions.count))
        } else if !header.steps.append(line: payload) {
          guard let fields = RecordText.fields(payload) else {
            throw Unreadable(words: "has a record that cannot be read", offset: offset)
          }
          if let session = RunSession(fields) {
            sessions.append(session)
          } else if !header.take(fields) {
            throw Unreadable(words: "has a record that is not known", offset: offset)
          }
        }
      }
    }
    if scan.ending == .damaged {
      throw Unreadable(words: "is damaged", offset: scan.end)
    }
    if isFirst || sessions.isEmpty {
      throw Unreadable(
        words: "ends before the run begins",
        offset: scan.end,
        isUnbegun: events.isEmpty && (!isFirst || Self.isBeginning(bytes))
      )
    }
    (self.header, self.sessions, self.events) = (header, sessions, events)
  }

  /// Whether a journal may begin with these bytes.
  ///
  /// The file system may leave NULs instead of bytes that were not written.
  private static func isBeginning(_ bytes: [UInt8]) -> Bool {
    var first: [UInt8] = []
    var framer = JournalFramer()
    framer.append(RunHeader.format.utf8, to: &first)
    let written = bytes.prefix { $0 != 0 }
    return first.starts(with: written)
  }

  /// The number of bytes read.
  package var length: Int { bytes.count }

  /// The number of events.
  package var eventCount: Int { events.count }

  /// Calls `body` with each event and the number of its session, counted from 0.
  ///
  /// - Parameters:
  ///   - graph: the graph that the run began with; nil if it is not available.
  ///   - body: called in the order of the records.
  /// - Throws: if a record names something that the graph does not have.
  package func forEachEvent(
    _ graph: Graph?,
    _ body: (Entry, _ session: Int) -> Void
  ) throws(Unreadable) {
    try bytes.withUnsafeBufferPointer { (buffer) throws(Unreadable) in
      let bytes = UnsafeRawBufferPointer(buffer)
      for event in events {
        let line = UnsafeRawBufferPointer(rebasing: bytes[event.start..<event.end])
        guard let (moment, read) = EventRecord.read(line, graph) else {
          throw Unreadable(
            words: "has an event that does not belong to its plan",
            offset: event.start - JournalFormat.headerLength
          )
        }
        body(
          Entry(
            moment: moment,
            event: read,
            offset: event.start - JournalFormat.headerLength
          ),
          event.session - 1
        )
      }
    }
  }
}
