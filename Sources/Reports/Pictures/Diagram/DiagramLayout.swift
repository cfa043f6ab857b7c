import PlanGraph
import PlanLanguage

/// Where each part of a diagram is drawn, in pixels from the upper left corner.
///
/// Time goes from left to right: a box is to the right of everything that it waits for, and each
/// section has columns of its own, so that phases read as columns. Subjects go from top to bottom:
/// each has a row, and the rows of a deployment job's instances are together. A box about several
/// rows is in the middle of them. Within a row and a column, boxes are in the order of the boxes
/// that they are linked to, and as near to them as there is room; a few sweeps arrange that. Takes
/// linear time in boxes and links, except for sorting.
package struct DiagramLayout: Sendable {
  /// A rectangle.
  package struct Frame: Hashable, Sendable {
    package var x: Double
    package var y: Double
    package var width: Double
    package var height: Double

    package var right: Double { x + width }
    package var bottom: Double { y + height }
    package var middle: Double { y + height / 2 }
  }

  /// A row with its name: a deployment job, or an instance of it.
  package struct Lane: Sendable {
    package var title: String
    package var isInstance: Bool
    package var top: Double
    package var bottom: Double
  }

  package private(set) var boxes: [Frame] = []
  package private(set) var sections: [(x: Double, right: Double)] = []
  package private(set) var frames: [Frame] = []
  package private(set) var lanes: [Lane] = []
  package private(set) var width = 0.0
  package private(set) var height = 0.0
  /// Where the rows begin and end.
  package private(set) var top = DiagramLayout.headHeight
  package private(set) var bottom = 0.0
  /// Where the first column begins.
  package private(set) var left = 0.0
  /// By box: where its column begins and where the column before it ends.
  private(set) var gaps: [(from: Double, to: Double)] = []

  private let diagram: Diagram
  /// By box: its column, counted from the left over all sections.
  private var columns: [Int] = []
  private var columnCount = 0
  /// By section: its first column and one past its last.
  private var sectionColumns: [Range<Int>] = []
  /// By box: its distance from the middle of its row, in slots.
  private var offsets: [Double] = []

  static let boxHeight = 36.0
  static let slot = 48.0
  static let lanePadding = 12.0
  static let gap = 44.0
  static let barWidth = 8.0
  /// The height above the rows, for the title and the headings of sections.
  static let headHeight = 112.0

  /// Lays out a diagram.
  package init(_ diagram: Diagram) {
    self.diagram = diagram
    placeInColumns()
    placeInRows()
    let rows = DiagramRows(diagram, needs: needs())
    setVertical(rows)
    setHorizontal(rows)
    setFrames()
  }

  /// The height between `low` and `high` that is nearest to `wanted` and at which a row ends.
  ///
  /// It is `wanted` if no row ends between them.
  func border(nearest wanted: Double, from low: Double, to high: Double) -> Double {
    lanes.map(\.bottom).filter { $0 > low && $0 < high }
      .min { abs($0 - wanted) < abs($1 - wanted) } ?? wanted
  }

  private func isBar(_ box: Int) -> Bool {
    diagram.boxes[box].kind == .join || diagram.boxes[box].kind == .barrier
  }

  // MARK: Columns

  private mutating func placeInColumns() {
    var ranks = [Int](repeating: 0, count: diagram.boxes.count)
    var incoming = [[Int]](repeating: [], count: diagram.boxes.count)
    for link in diagram.links { incoming[link.to].append(link.from) }
    var found = [Set<Column>](repeating: [], count: diagram.sections.count)
    for (index, box) in diagram.boxes.enumerated() {
      for before in incoming[index] where diagram.boxes[before].section == box.section {
        ranks[index] = max(ranks[index], ranks[before] + 1)
      }
      found[box.section].insert(column(of: index, rank: ranks[index]))
    }
    var numbers: [[Column: Int]] = []
    for columns in found {
      var number: [Column: Int] = [:]
      // A bar shares a column with boxes.
      let order = columns.sorted { ($0.rank, $0.scope) < ($1.rank, $1.scope) }
      var next = columnCount
      for (place, column) in order.enumerated() {
        number[column] = next
        let isShared = column.scope == -1 && order.dropFirst(place + 1).first?.rank == column.rank
        if !isShared { next += 1 }
      }
      next = max(next, columnCount + 1)
      sectionColumns.append(columnCount..<next)
      columnCount = next
      numbers.append(number)
    }
    columns = diagram.boxes.indices.map { index in
      let section = diagram.boxes[index].section
      return numbers[section][column(of: index, rank: ranks[index])]
        ?? sectionColumns[section].lowerBound
    }
  }

  /// Boxes that are below one another in a section.
  ///
  /// The box of an instance is in the middle of its row, where its release jobs may have boxes too.
  /// So each scope has its own column.
  private struct Column: Hashable {
    var rank: Int
    /// -1 for bars.
    var scope: Int
  }

  private func column(of box: Int, rank: Int) -> Column {
    let scope = isBar(box) ? nil : diagram.graph.subjects.scope(diagram.boxes[box].subject)
    return Column(rank: rank, scope: scope.map { Int($0.rawValue) } ?? -1)
  }

  // MARK: Rows

  /// Orders the boxes in one row and column, and places each near the boxes that it is linked to.
  private mutating func placeInRows() {
    offsets = [Double](repeating: 0, count: diagram.boxes.count)
    var cells: [[Int]] = []
    var cellOf: [Cell: Int] = [:]
    for index in diagram.boxes.indices where !isBar(index) && !diagram.boxes[index].isHandler {
      let key = Cell(subject: diagram.boxes[index].subject, column: columns[index])
      if let cell = cellOf[key] {
        cells[cell].append(index)
      } else {
        cellOf[key] = cells.count
        cells.append([index])
      }
    }
    cells.sort { columns[$0[0]] < columns[$1[0]] }
    for cell in cells {
      for (place, box) in cell.enumerated() { offsets[box] = centred(place, of: cell.count) }
    }
    defer { placeHandlers() }
    if cells.allSatisfy({ $0.count == 1 }) { return }
    var neighbours: [[Int]] = .init(repeating: [], count: diagram.boxes.count)
    for link in diagram.links
    where diagram.boxes[link.from].subject == diagram.boxes[link.to].subject {
      if isBar(link.from) || isBar(link.to) { continue }
      neighbours[link.from].append(link.to)
      neighbours[link.to].append(link.from)
    }
    var framesOf: [[Int]] = .init(repeating: [], count: diagram.boxes.count)
    for (index, frame) in diagram.frames.enumerated() {
      for box in frame.boxes { framesOf[box].append(index) }
    }
    for sweep in 0..<4 {
      let forward = sweep % 2 == 0
      for cell in forward ? cells : cells.reversed() {
        place(cell, neighbours, framesOf, forward)
      }
    }
  }

  /// Places handlers below the boxes that they belong to, so that the links without them are
  /// straight.
  private mutating func placeHandlers() {
    var lowest: [SubjectID: Double] = [:]
    for (index, box) in diagram.boxes.enumerated() where !isBar(index) && !box.isHandler {
      lowest[box.subject] = max(lowest[box.subject] ?? offsets[index], offsets[index])
    }
    var used: [Cell: Double] = [:]
    for (index, box) in diagram.boxes.enumerated() where !isBar(index) && box.isHandler {
      let key = Cell(subject: box.subject, column: columns[index])
      let place = used[key].map { $0 + 1 } ?? lowest[box.subject].map { $0 + 1.3 } ?? 0
      used[key] = place
      offsets[index] = place
    }
  }

  private struct Cell: Hashable {
    var subject: SubjectID
    var column: Int
  }

  private func centred(_ place: Int, of count: Int) -> Double {
    Double(place) - Double(count - 1) / 2
  }

  private mutating func place(
    _ cell: [Int],
    _ neighbours: [[Int]],
    _ framesOf: [[Int]],
    _ forward: Bool
  ) {
    let wanted = cell.map { box -> Double in
      let others = neighbours[box].filter { (columns[$0] < columns[box]) == forward }
      if others.isEmpty { return offsets[box] }
      return others.reduce(0) { $0 + offsets[$1] } / Double(others.count)
    }
    let order = cell.indices.sorted {
      (wanted[$0], offsets[cell[$0]], cell[$0]) < (wanted[$1], offsets[cell[$1]], cell[$1])
    }
    let distances = zip(order, order.dropFirst()).map {
      DiagramFrames.distance(framesOf[cell[$0]], framesOf[cell[$1]], diagram.frames)
    }
    let places = Self.spread(order.map { wanted[$0] }, distances)
    for (index, place) in zip(order, places) { offsets[cell[index]] = place }
  }

  /// The places nearest to the wanted ones (least squares), in order and at least so far apart.
  static func spread(_ wanted: [Double], _ distances: [Double]) -> [Double] {
    var least = [0.0]
    for distance in distances { least.append(least[least.count - 1] + distance) }
    // Neighbours that would be too near form one block around the mean of their wanted places.
    var blocks: [(sum: Double, count: Int)] = []
    for (index, place) in wanted.enumerated() {
      var block = (sum: place - least[index], count: 1)
      while let last = blocks.last,
        last.sum / Double(last.count) > block.sum / Double(block.count)
      {
        block = (last.sum + block.sum, last.count + block.count)
        blocks.removeLast()
      }
      blocks.append(block)
    }
    var places: [Double] = []
    for block in blocks {
      for _ in 0..<block.count {
        places.append(block.sum / Double(block.count) + least[places.count])
      }
    }
    return places
  }

  /// By subject: how far its boxes reach above and below its middle, in slots.
  private func needs() -> [SubjectID: (above: Double, below: Double)] {
    var needs: [SubjectID: (above: Double, below: Double)] = [:]
    // A join is next to what it orders.
    for (index, box) in diagram.boxes.enumerated() where box.kind != .join {
      let old = needs[box.subject] ?? (0, 0)
      needs[box.subject] =
        isBar(index) ? old : (max(old.above, -offsets[index]), max(old.below, offsets[index]))
    }
    return needs
  }

  private mutating func setVertical(_ rows: DiagramRows) {
    boxes = diagram.boxes.indices.map { index in
      let row = rows[diagram.boxes[index].subject]
      let middle = row.axis + offsets[index] * Self.slot
      return Frame(x: 0, y: middle - Self.boxHeight / 2, width: 0, height: Self.boxHeight)
    }
    bottom = rows.bottom
    height = bottom + 52
    lanes = rows.lanes
    // A join is as high as the boxes that it orders; a barrier as high as all the rows it is about.
    var reach: [Int: (low: Double, high: Double)] = [:]
    for link in diagram.links {
      for (bar, other) in [(link.from, link.to), (link.to, link.from)]
      where diagram.boxes[bar].kind == .join && !isBar(other) {
        let middle = boxes[other].middle
        let old = reach[bar] ?? (middle, middle)
        reach[bar] = (min(old.low, middle), max(old.high, middle))
      }
    }
    for index in diagram.boxes.indices {
      switch diagram.boxes[index].kind {
      case .step, .group: break
      case .barrier:
        let row = rows[diagram.boxes[index].subject]
        boxes[index].y = row.top + 2
        boxes[index].height = max(row.bottom - row.top - 4, 20)
      case .join:
        let middle = rows[diagram.boxes[index].subject].middle
        let (low, high) = reach[index] ?? (middle, middle)
        boxes[index].y = low - 7
        boxes[index].height = high - low + 14
      }
    }
  }

  // MARK: Horizontal

  private mutating func setHorizontal(_ rows: DiagramRows) {
    var widths = [Double](repeating: 0, count: columnCount)
    for (index, box) in diagram.boxes.enumerated() {
      let own =
        isBar(index)
        ? Self.barWidth
        : max(
          76,
          min(
            230,
            34
              + max(
                TextWidth.of(box.title, size: TextWidth.titleSize),
                TextWidth.of(box.note, size: 10)
              )
          )
        )
      boxes[index].width = own
      widths[columns[index]] = max(widths[columns[index]], own)
    }
    left = rows.labelWidth
    var x = left
    var starts = [Double](repeating: 0, count: columnCount)
    for (number, range) in sectionColumns.enumerated() {
      let start = x
      x += Self.gap / 2
      for column in range {
        starts[column] = x
        x += widths[column] + Self.gap
      }
      x -= Self.gap / 2
      let section = diagram.sections[number]
      let heading = max(
        TextWidth.of(section.title, size: 13),
        TextWidth.of(section.note, size: 10.5)
      )
      if section.isHeaded, x - start < heading + 20 {
        let more = heading + 20 - (x - start)
        for column in range { starts[column] += more / 2 }
        x += more
      }
      sections.append((start, x))
    }
    width = x + 16
    for index in boxes.indices {
      let column = columns[index]
      boxes[index].x = starts[column] + (widths[column] - boxes[index].width) / 2
      let before = column == 0 ? left : starts[column - 1] + widths[column - 1]
      gaps.append((before, starts[column]))
    }
  }

  private mutating func setFrames() {
    for frame in diagram.frames {
      let margin = DiagramFrames.margin(frame.height)
      var (x, y, right, bottom) = (Double.infinity, Double.infinity, 0.0, 0.0)
      for index in frame.boxes {
        x = min(x, boxes[index].x)
        y = min(y, boxes[index].y)
        right = max(right, boxes[index].right)
        bottom = max(bottom, boxes[index].bottom)
      }
      let head = DiagramFrames.head(frame.height)
      frames.append(
        Frame(
          x: x - margin,
          y: y - head,
          width: max(right - x, TextWidth.of(frame.title, size: 9.5)) + 2 * margin,
          height: bottom - y + head + margin
        )
      )
    }
  }
}
