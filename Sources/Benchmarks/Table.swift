/// Columns of text: the first flush left, the others flush right.
struct Table {
  private var rows: [[String]]

  /// Makes a table with these words above its columns.
  init(_ head: [String]) { rows = [head] }

  /// Adds a row with a cell for each column.
  mutating func add(_ row: [String]) {
    precondition(row.count == rows[0].count, "a cell for each column")
    rows.append(row)
  }

  /// The text, indented by two blanks, one line for each row.
  var text: String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = " "
      for (column, cell) in row.enumerated() {
        let blanks = String(repeating: " ", count: widths[column] - cell.count)
        line += column == 0 ? " " + cell + blanks : "  " + blanks + cell
      }
      return line + "\n"
    }.joined()
  }
}

/// A number with so many decimals and its unit; a dash if it is not a number.
func fixed(_ value: Double, _ decimals: Int, _ unit: String = "") -> String {
  guard value.isFinite else { return "-" }
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  let scaled = Int((value.magnitude * scale).rounded())
  let whole = scaled / Int(scale)
  let sign = value < 0 && scaled > 0 ? "-" : ""
  if decimals == 0 { return sign + "\(whole)\(unit)" }
  let fraction = String(scaled % Int(scale))
  let zeros = String(repeating: "0", count: decimals - fraction.count)
  return sign + "\(whole).\(zeros)\(fraction)\(unit)"
}

/// A whole number with a comma before every three digits.
func grouped(_ value: Int) -> String {
  var digits = Array(String(value))
  var index = digits.count - 3
  while index > 0 {
    digits.insert(",", at: index)
    index -= 3
  }
  return String(digits)
}

/// A time, given in seconds, in the unit that suits it.
func seconds(_ value: Double) -> String {
  value < 0.1 ? fixed(value * 1000, 2, " ms") : fixed(value, value < 10 ? 2 : 1, " s")
}

/// A time, given in seconds, in microseconds.
func microseconds(_ value: Double) -> String { fixed(value * 1e6, 2, " us") }

/// An amount of memory, given in bytes, in megabytes of 1,000,000.
func megabytes(_ value: Double) -> String { fixed(value / 1e6, 1, " MB") }

/// A small amount of memory.
func bytes(_ value: Double) -> String { fixed(value, 0, " B") }
