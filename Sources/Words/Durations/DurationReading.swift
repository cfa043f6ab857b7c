extension Duration {
  /// Reads a duration as a plan writes it, such as `250ms`, `30s`, `1h30m`: larger units first,
  /// each at most once.
  ///
  /// nil for anything else, and for one too long for 64 bits of nanoseconds.
  package init?(planText text: String) {
    let units: [(String, Int64)] = [
      ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000),
    ]
    var rest = Substring(text)
    var total: Int64 = 0
    var nextUnit = 0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { ("0"..."9").contains($0) && $0.isASCII }
      rest = rest.dropFirst(digits.count)
      let letters = rest.prefix { ("a"..."z").contains($0) }
      rest = rest.dropFirst(letters.count)
      guard let number = Int64(digits),
        let unit = units[nextUnit...].firstIndex(where: { $0.0 == letters })
      else { return nil }
      nextUnit = unit + 1
      let (product, overflow) = number.multipliedReportingOverflow(by: units[unit].1)
      let (sum, overflowed) = total.addingReportingOverflow(product)
      if overflow || overflowed { return nil }
      total = sum
    }
    self = .nanoseconds(total)
  }
}
