import CLinux
import Glibc

/// Finds a host's addresses without holding up the loop.
///
/// getaddrinfo(3) may block for seconds, and no non-blocking form supports every resolver setting,
/// so it gets its own thread while it runs. The thread outlives a `cancel`; its result is then
/// discarded.
final class Resolver {
  /// What the thread and the loop share; freed by the one that releases it last.
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
  ///   - loop: the loop that reports the answer.
  ///   - answered: called once, from the loop, unless cancelled.
  /// - Throws: an error if no descriptor or thread is left.
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

  /// Drops the answer.
  func cancel() {
    if let watch { loop.cancel(watch) }
    watch = nil
  }
}
