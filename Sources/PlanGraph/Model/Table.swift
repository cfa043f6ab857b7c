/// The place of an element in a `Table`; each kind of element has identifiers of its own type.
public protocol Identifier: Hashable, Strideable, Sendable where Stride == Int {
  /// The place, from 0.
  var index: UInt32 { get }
  /// Makes the identifier of the element at a place.
  init(_ index: UInt32)
}

// The functions of `Strideable` make a range of identifiers a collection.
extension Identifier {
  /// Orders by place.
  @inlinable public static func < (left: Self, right: Self) -> Bool { left.index < right.index }
  /// Compares the places.
  @inlinable public static func == (left: Self, right: Self) -> Bool { left.index == right.index }
  /// Hashes the place.
  @inlinable public func hash(into hasher: inout Hasher) { hasher.combine(index) }
  /// How many places there are from this one to the other.
  @inlinable public func distance(to other: Self) -> Int { Int(other.index) - Int(index) }
  /// The identifier this many places later.
  @inlinable public func advanced(by count: Int) -> Self { Self(UInt32(Int(index) + count)) }
}

/// An array with identifiers instead of integers as indices.
///
/// An identifier of another kind does not compile as an index, and the elements of two tables with the
/// same kind of identifier belong together.
///
/// As fast as an array, in other modules too, because everything here can be inlined there. That is why
/// it is `public`: the compiler does not specialize `@inlinable package` functions in other modules.
public struct Table<ID: Identifier, Element> {
  /// The elements in the order of their identifiers.
  public var elements: [Element]

  /// Makes a table of these elements.
  @inlinable public init(_ elements: [Element]) { self.elements = elements }

  /// Makes a table with the same value at each of `count` places.
  @inlinable public init(repeating value: Element, count: Int) {
    elements = Array(repeating: value, count: count)
  }

  /// Adds an element at the end and returns its identifier.
  @inlinable @discardableResult public mutating func append(_ element: Element) -> ID {
    elements.append(element)
    return ID(UInt32(elements.count - 1))
  }

  /// Makes room for `count` elements in all.
  @inlinable public mutating func reserveCapacity(_ count: Int) {
    elements.reserveCapacity(count)
  }

  /// A table with another value for each element, under the same identifiers.
  @inlinable public func mapValues<Value>(
    _ transform: (Element) throws -> Value
  ) rethrows -> Table<ID, Value> {
    Table<ID, Value>(try elements.map(transform))
  }
}

extension Table: RandomAccessCollection, MutableCollection {
  /// The identifiers are the indices.
  public typealias Index = ID
  /// A range of identifiers.
  public typealias Indices = Range<ID>
  /// A part of the table under the same identifiers.
  public typealias SubSequence = Slice<Table>

  /// The identifier of the first element.
  @inlinable public var startIndex: ID { ID(0) }
  /// The identifier of the next element to be added.
  @inlinable public var endIndex: ID { ID(UInt32(elements.count)) }
  /// How many elements there are.
  @inlinable public var count: Int { elements.count }

  /// The element of an identifier.
  @inlinable public subscript(id: ID) -> Element {
    get { elements[Int(id.index)] }
    _modify { yield &elements[Int(id.index)] }
  }

  /// Goes through the elements in order.
  @inlinable public func makeIterator() -> IndexingIterator<[Element]> {
    elements.makeIterator()
  }
}

extension Table: ExpressibleByArrayLiteral {
  /// Makes a table of the elements of a literal.
  @inlinable public init(arrayLiteral elements: Element...) { self.elements = elements }
}

extension Table: Sendable where Element: Sendable {}
extension Table: Equatable where Element: Equatable {}
extension Table: Hashable where Element: Hashable {}
