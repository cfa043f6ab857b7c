import PlanGraph
import PlanLanguage
@testable import Reports
import TestSupport
import Testing

/// Where the boxes of a picture are.
@Suite struct LayoutTests {
  private static func graph(_ text: String) throws -> Graph {
    let parsed = Parser.parse(SourceFile(name: "p.plan", text: text))
    let built = GraphBuilder.build(BuildInput(plan: parsed.tree))
    return try #require(built.graph, "\(built.diagnostics)\n\(text)")
  }

  private static func isBar(_ box: Diagram.Box) -> Bool {
    box.kind == .barrier || box.kind == .join
  }

  /// Checks what holds for every picture.
  private static func expectSense(_ diagram: Diagram, _ what: Comment) {
    let layout = DiagramLayout(diagram)
    #expect(layout.boxes.count == diagram.boxes.count)
    for link in diagram.links {
      #expect(link.from < link.to, what)
      let (from, to) = (layout.boxes[link.from], layout.boxes[link.to])
      #expect(from.right < to.x, "\(what): a line goes back, from \(from) to \(to)")
    }
    expectNoOverlap(diagram, layout, what)
    for (index, box) in diagram.boxes.enumerated() {
      let place = layout.boxes[index]
      let section = layout.sections[box.section]
      #expect(place.x >= section.x && place.right <= section.right, what)
      #expect(place.y >= layout.top - 1 && place.bottom <= layout.bottom + 1, what)
      #expect(place.right <= layout.width && place.bottom <= layout.height, what)
    }
    for (one, next) in zip(layout.sections, layout.sections.dropFirst()) {
      #expect(one.right <= next.x, "\(what): columns overlap")
    }
    let lanes = layout.lanes.filter(\.isInstance).sorted { $0.top < $1.top }
    for (one, next) in zip(lanes, lanes.dropFirst()) {
      #expect(one.bottom <= next.top, "\(what): \(one) and \(next)")
    }
    expectInLanes(diagram, layout, what)
    let again = DiagramLayout(Diagram(diagram.graph, fold: diagram.fold))
    #expect(again.boxes == layout.boxes && again.frames == layout.frames, what)
  }

  private static func expectNoOverlap(
    _ diagram: Diagram,
    _ layout: DiagramLayout,
    _ what: Comment
  ) {
    var rows: [Double: [Int]] = [:]
    for index in diagram.boxes.indices where !isBar(diagram.boxes[index]) {
      rows[layout.boxes[index].y, default: []].append(index)
    }
    // Along each row, then between rows that are nearer to each other than a box is high.
    let heights = rows.keys.sorted()
    for (position, height) in heights.enumerated() {
      let near = heights[position...].prefix { $0 < height + DiagramLayout.boxHeight }
      let boxes = near.flatMap { rows[$0] ?? [] }
        .sorted { layout.boxes[$0].x < layout.boxes[$1].x }
      for (one, next) in zip(boxes, boxes.dropFirst()) {
        let (first, second) = (layout.boxes[one], layout.boxes[next])
        let isApart =
          first.right <= second.x || first.bottom <= second.y || second.bottom <= first.y
        #expect(
          isApart,
          "\(what): \(diagram.boxes[one].title) is upon \(diagram.boxes[next].title)"
        )
      }
    }
  }

  /// Checks that the boxes of an instance are in its row.
  private static func expectInLanes(
    _ diagram: Diagram,
    _ layout: DiagramLayout,
    _ what: Comment
  ) {
    let subjects = diagram.graph.subjects
    var lanes: [String: DiagramLayout.Lane] = [:]
    for lane in layout.lanes where lane.isInstance { lanes[lane.title] = lane }
    for (index, box) in diagram.boxes.enumerated() where !isBar(box) {
      guard let instance = subjects.ancestor(of: box.subject, at: .instance) else { continue }
      guard let lane = lanes[subjects.path(instance)] else {
        Issue.record("\(what): no row for \(subjects.path(instance))")
        continue
      }
      let place = layout.boxes[index]
      #expect(place.y >= lane.top && place.bottom <= lane.bottom, "\(what): \(box.title)")
    }
  }

  @Test(arguments: 1...40)
  func aRandomPlanIsDrawnWithoutOverlap(seed: Int) throws {
    let options = RandomPlan.Options(hasRules: seed % 2 == 0)
    let graph = try Self.graph(RandomPlan.text(seed: UInt64(seed), options))
    for fold in Diagram.Fold.allCases {
      let diagram = Diagram(graph, fold: fold)
      let steps = diagram.boxes.reduce(0) { sum, box in
        sum + box.nodes.count { graph[$0].kind == .step }
      }
      #expect(steps == graph.stepCount, "seed \(seed): steps are lost by fold \(fold)")
      Self.expectSense(diagram, "seed \(seed), fold \(fold)")
    }
  }

  @Test(arguments: ["plan p { }", "plan p { deployment-job a { release-jobs b } }"])
  func aPlanWithoutStepsIsDrawn(text: String) throws {
    let graph = try Self.graph(text)
    for fold in Diagram.Fold.allCases { Self.expectSense(Diagram(graph, fold: fold), "\(text)") }
  }

  @Test func manyStepsAreDrawn() throws {
    let jobs = (0..<1_000).map { "j\($0)" }.joined(separator: ", ")
    let phases = (0..<5).map { "phase p\($0) { script s }" }
    let graph = try Self.graph(
      """
      plan p {
        deployment-job web { release-jobs \(jobs) }
        \(phases.joined(separator: "\nbarrier across instance\n"))
      }
      """
    )
    #expect(graph.stepCount == 5_000)
    Self.expectSense(Diagram(graph, fold: .none), "5,000 steps")
  }

  private static let shop = """
    plan shop {
      deployment-job db { release-jobs postgres  instances 2 }
      deployment-job web { release-jobs nginx, app  instances 3  after db }
      phase migrate per deployment-job in web { run "true" as migrate }
      phase pre-start { script pre-start }
      barrier across instance
      phase post-start { script post-start }
      barrier across deployment
      phase post-deploy { script post-deploy }
      finally { run "true" as bye }
    }
    """

  @Test func aFrameDoesNotCoverTheBoxBeforeIt() throws {
    let graph = try Self.graph(
      """
      plan p {
        phase a per instance {
          parallel {
            limit 1
            run "true" as one
            sequence { timeout 5s run "true" as two }
            run "true" as three
            parallel { limit 1 sequence { timeout 5s run "true" as four } }
            run "true" as five
          }
        }
      }
      """
    )
    let diagram = Diagram(graph, fold: .none)
    let layout = DiagramLayout(diagram)
    #expect(diagram.frames.count == 4)
    for (frame, place) in zip(diagram.frames, layout.frames) {
      for index in diagram.boxes.indices
      where !Self.isBar(diagram.boxes[index]) && !frame.boxes.contains(index) {
        let box = layout.boxes[index]
        #expect(
          box.bottom <= place.y || box.y >= place.y + place.height,
          "\(frame.title) is upon \(diagram.boxes[index].title)"
        )
      }
    }
    Self.expectSense(diagram, "frames")
  }

  @Test func noMoreThanNeededIsFolded() throws {
    let graph = try Self.graph(Self.shop)
    #expect(graph.stepCount == 26)
    var counts: [Int] = []
    for fold in Diagram.Fold.allCases { counts.append(Diagram(graph, fold: fold).boxes.count) }
    #expect(counts == counts.sorted(by: >))
    for (fold, count) in zip(Diagram.Fold.allCases, counts) {
      #expect(Diagram.fitting(graph, most: count)?.fold == fold)
    }
    #expect(Diagram.fitting(graph, most: 1) == nil)
  }

  @Test func phasesAreInTheOrderOfThePlan() throws {
    let graph = try Self.graph(Self.shop)
    let diagram = Diagram(graph, fold: .phase)
    let titles = diagram.boxes.filter { $0.kind == .group }.map(\.title)
    #expect(titles == ["migrate", "pre-start", "post-start", "post-deploy", "finally"])
    #expect(!diagram.boxes.contains { $0.kind == .join })
    // web's migrate waits for db's post-start, which comes after it here.
    #expect(diagram.hidesOrder)
    // One link from each to the next, and no redundant link.
    #expect(diagram.links.map { $0.to - $0.from } == [Int](repeating: 1, count: 6))
    #expect(!Diagram(graph, fold: .deploymentJob).hidesOrder)
    Self.expectSense(diagram, "phases")
    #expect(DiagramLayout(diagram).lanes.isEmpty, "nobody has a row of his own")
  }
}
