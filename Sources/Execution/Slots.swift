import PlanGraph

/// A first-in, first-out queue.
///
/// Taking an element is constant time on average.
package struct Queue<Element: Sendable>: Sendable {
  private var elements: [Element] = []
  private var head = 0

  /// An empty queue.
  package init() {}

  package var isEmpty: Bool { head == elements.count }
  /// The next element to be taken.
  package var first: Element? { head < elements.count ? elements[head] : nil }
  /// The elements, first in first.
  var all: ArraySlice<Element> { elements[head...] }

  package mutating func append(_ element: Element) { elements.append(element) }

  package mutating func popFirst() -> Element? {
    guard head < elements.count else { return nil }
    defer {
      head += 1
      // More than half of the array is used up. Removing that part costs no more than adding it
      // did.
      if head > 32, head * 2 > elements.count {
        elements.removeFirst(head)
        head = 0
      }
    }
    return elements[head]
  }
}

/// A number of free slots and the nodes that wait for one.
struct SlotQueue: Sendable {
  var free: Int
  var waiting = Queue<NodeID>()

  init(capacity: Int) { free = capacity }
}

extension Run {
  /// What a step or a block's begin takes slots of: limits over the whole run, and the block around
  /// it.
  private func demands(_ node: NodeID) -> (limits: [LimitID], block: BlockID?) {
    let entry = graph[node]
    if entry.kind == .step {
      let template = entry.template
      return (
        graph.steps[template].limits,
        graph.steps[template].takesBlockSlot ? entry.block : nil
      )
    }
    let block = graph[entry.block]
    let template = block.template
    return (
      graph.blockTemplates[template].limits,
      graph.blockTemplates[template].takesBlockSlot ? block.parent : nil
    )
  }

  /// Gives a step or a block's begin all of its slots at once and continues with it, or makes it
  /// wait for the first slot that is not free.
  mutating func request(_ node: NodeID) {
    let (limits, block) = demands(node)
    if let block, blockStates[block].isClosed {
      return refuse(node)
    }
    for limit in limits where limitQueues[limit].free <= 0 {
      set(node, .queued)
      limitQueues[limit].waiting.append(node)
      return
    }
    if let block, let slots = blockStates[block].slots, slots.free <= 0 {
      set(node, .queued)
      blockStates[block].slots?.waiting.append(node)
      return
    }
    takeSlots(node)
    set(node, .admitted)
    if graph[node].kind == .blockBegin {
      enter(graph[node].block)
    } else {
      startQueue.append(node)
    }
  }

  /// Takes the slots of a step or a block's begin even if they are not free.
  mutating func takeSlots(_ node: NodeID) {
    let (limits, block) = demands(node)
    for limit in limits { limitQueues[limit].free -= 1 }
    if let block { blockStates[block].slots?.free -= 1 }
  }

  /// Frees the slots of a step or a block's begin and gives them to the nodes that wait.
  mutating func release(_ node: NodeID) {
    let (limits, block) = demands(node)
    for limit in limits {
      limitQueues[limit].free += 1
      // A node that then has to wait for another slot leaves this one to the next node.
      while limitQueues[limit].free > 0,
        let next = nextWaiting({ $0.limitQueues[limit].waiting.popFirst() })
      {
        request(next)
      }
    }
    guard let block else { return }
    blockStates[block].slots?.free += 1
    while blockStates[block].slots.map({ $0.free > 0 }) ?? false,
      let next = nextWaiting({ $0.blockStates[block].slots?.waiting.popFirst() })
    {
      request(next)
    }
  }

  /// The first node of a queue that still wants a slot.
  private mutating func nextWaiting(_ pop: (inout Run) -> NodeID?) -> NodeID? {
    while let node = pop(&self) {
      if self[node] == .queued { return node }
    }
    return nil
  }

  /// Gives no more slots of a block after a failure inside it.
  ///
  /// Nodes that wait for one never start.
  mutating func close(_ block: BlockID) {
    guard !blockStates[block].isClosed else { return }
    blockStates[block].isClosed = true
    while let node = nextWaiting({ $0.blockStates[block].slots?.waiting.popFirst() }) {
      refuse(node)
    }
  }

  private mutating func refuse(_ node: NodeID) { fail(node, .blocked) }

  /// Starts the next step that holds its slots, if there is one and the run has room for it.
  mutating func startNext() -> Bool {
    while underWay < policy.parallel, let node = startQueue.popFirst() {
      // It may have been cancelled while it waited.
      guard self[node] == .admitted else { continue }
      startAttempt(node)
      return true
    }
    return false
  }
}
