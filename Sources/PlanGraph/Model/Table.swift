/// The place of an element in a `Table`; each kind of element has identifiers of its own type.
package protocol Identifier: Hashable, Strideable, Sendable where Stride == Int {
  /// The place, from 0.
  var index: UInt32 { get }
  /// Makes the identifier of the element at a place.
  init(_ index: UInt32)
}

// The functions of `Strideable` make a range of identifiers a collection.
extension Identifier {
  @inlinable package static func < (left: Self, right: Self) -> Bool { left.index < right.index }
  @inlinable package static func == (left: Self, right: Self) -> Bool { left.index == right.index }
  @inlinable package func hash(into hasher: inout Hasher) { hasher.combine(index) }
  @inlinable package func distance(to other: Self) -> Int { Int(other.index) - Int(index) }
  @inlinable package func advanced(by count: Int) -> Self { Self(UInt32(Int(index) + count)) }
}

/// An array with identifiers in place of integers as indices.
///
/// An identifier of another kind does not compile as an index, and the elements of two tables with the
/// same kind of identifier belong together. As fast as an array, in other modules too: everything here
/// can be inlined.
package struct Table<ID: Identifier, Element> {
  /// The elements in the order of their identifiers.
  package var elements: [Element]

  /// Makes a table of these elements.
  @inlinable package init(_ elements: [Element]) { self.elements = elements }

  /// Makes a table with the same value at each of `count` places.
  @inlinable package init(repeating value: Element, count: Int) {
    elements = Array(repeating: value, count: count)
  }

  /// Adds an element at the end and returns its identifier.
  @inlinable @discardableResult package mutating func append(_ element: Element) -> ID {
    elements.append(element)
    return ID(UInt32(elements.count - 1))
  }

  /// Makes room for `count` elements in all.
  @inlinable package mutating func reserveCapacity(_ count: Int) {
    elements.reserveCapacity(count)
  }

  /// A table with another value for each element, under the same identifiers.
  @inlinable package func mapValues<Value>(
    _ transform: (Element) throws -> Value
  ) rethrows -> Table<ID, Value> {
    Table<ID, Value>(try elements.map(transform))
  }
}

extension Table: RandomAccessCollection, MutableCollection {
  package typealias Index = ID
  package typealias Indices = Range<ID>
  package typealias SubSequence = Slice<Table>

  @inlinable package var startIndex: ID { ID(0) }
  @inlinable package var endIndex: ID { ID(UInt32(elements.count)) }
  @inlinable package var count: Int { elements.count }

  @inlinable package subscript(id: ID) -> Element {
    get { elements[Int(id.index)] }
    _modify { yield &elements[Int(id.index)] }
  }

  @inlinable package func makeIterator() -> IndexingIterator<[Element]> {
    elements.makeIterator()
  }
}

extension Table: ExpressibleByArrayLiteral {
  @inlinable package init(arrayLiteral elements: Element...) { self.elements = elements }
}

extension Table: Sendable where Element: Sendable {}
extension Table: Equatable where Element: Equatable {}
extension Table: Hashable where Element: Hashable {}
