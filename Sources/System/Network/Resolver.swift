import CLinux
import Glibc

/// Finds a host's addresses without holding up the loop.
///
/// getaddrinfo(3) is the one call here that may wait for seconds and has no other form that every
/// resolver setting is good for, so it gets a thread of its own while it runs. The thread outlives
/// a `cancel`, and what it finds is then thrown away.
final class Resolver {
  /// What the thread and the loop share; kept by whichever lets go of it last.
  private final class Question: Sendable {
    let endpoint: Endpoint
    let told: Descriptor
    let answer = Locked<Result<[SocketAddress], PlainFailure>?>(nil)

    init(_ endpoint: Endpoint) throws(SystemError) {
      self.endpoint = endpoint
      told = try Descriptor(lockstep_event_create(), "eventfd")
    }
  }

  private let loop: EventLoop
  private var watch: WatchToken?

  /// Asks for addresses.
  ///
  /// - Parameters:
  ///   - endpoint: whose.
  ///   - loop: that tells the answer.
  ///   - answered: called once, from the loop, unless cancelled.
  /// - Throws: where no descriptor or thread is left.
  init(
    _ endpoint: Endpoint,
    on loop: EventLoop,
    answered: @escaping (Result<[SocketAddress], PlainFailure>) -> Void
  ) throws(SystemError) {
    self.loop = loop
    let question = try Question(endpoint)
    watch = try loop.watch(question.told.number, for: .reading) { [self] in
      cancel()
      let answer = question.answer.withLock { $0 }
      answered(answer ?? .failure(PlainFailure(words: "no answer")))
    }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    defer { pthread_attr_destroy(&attributes) }
    var thread = pthread_t()
    let context = Unmanaged.passRetained(question)
    let result = pthread_create(
      &thread,
      &attributes,
      { context in
        guard let context else { return nil }
        let question = Unmanaged<Question>.fromOpaque(context).takeRetainedValue()
        let answer = SocketAddress.find(question.endpoint, isNumeric: false)
        question.answer.withLock { $0 = answer }
        _ = lockstep_event_tell(question.told.number)
        return nil
      },
      context.toOpaque()
    )
    if result != 0 {
      context.release()
      cancel()
      throw SystemError("pthread_create", number: result)
    }
  }

  /// Wants no answer any more.
  func cancel() {
    if let watch { loop.cancel(watch) }
    watch = nil
  }
}
