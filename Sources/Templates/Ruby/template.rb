# A template, and what is wrong with it.
module Lockstep
  # One template.
  class Template
    attr_reader :shown, :destination

    def initialize(job, source, destination)
      @job = job
      @shown = "jobs/#{job.name}/#{source}"
      @path = File.join(job.folder, source)
      @destination = destination
    end

    def render(context)
      erb = ERB.new(File.read(@path, encoding: 'utf-8'), trim_mode: '-')
      erb.filename = @shown
      erb.result(context.get_binding)
    rescue SignalException
      raise
    rescue Exception => e # rubocop:disable Lint/RescueException
      raise fault(e)
    end

    private

    def fault(error)
      line = line_of(error)
      case error
      when Bosh::Common::Template::UnknownProperty then property_fault(error, line)
      when Bosh::Common::Template::UnknownLink then link_fault(error, line)
      when Bosh::Common::Template::UnknownSpec
        under = error.name.start_with?('spec.') ? "under 'spec' " : ''
        Fault.new(@shown, line, "#{error.message}; give it #{under}in the properties file")
      when SystemExit then Fault.new(@shown, line, 'ends the program')
      when NoMemoryError then Fault.new(@shown, line, 'needs more memory than 4 GiB')
      when SystemCallError then Fault.new(@shown, line, line ? text(error) : Lockstep.reason(error))
      when SyntaxError then Fault.new(@shown, line, "is not Ruby: #{text(error)}")
      when RuntimeError then Fault.new(@shown, line, text(error))
      else Fault.new(@shown, line, "#{text(error)} (#{error.class})")
      end
    end

    def property_fault(error, line)
      if error.link
        words = "#{error.message}: give it in links.#{error.link}.properties"
        return Fault.new(@shown, line, words)
      end

      names = Array(error.name)
      undeclared = names.reject { |name| declared?(name) }
      help =
        if undeclared.empty?
          'it has no default; give it in the properties file'
        else
          "the job's spec does not declare #{undeclared.length == 1 ? 'it' : undeclared.first}" \
            "#{Lockstep.nearest(undeclared.first.to_s, @job.properties.keys.map(&:to_s))}"
        end
      Fault.new(@shown, line, "#{error.message}: #{help}")
    end

    def declared?(name)
      @job.properties.each_key.any? do |other|
        other = other.to_s
        other == name || other.start_with?("#{name}.") || name.to_s.start_with?("#{other}.")
      end
    end

    def link_fault(error, line)
      consumed = @job.consumes.any? { |link| link['name'] == error.name.to_s.split('.').first }
      help = consumed ? "give links.#{error.name} in the properties file" : 'the spec consumes none'
      Fault.new(@shown, line, "#{error.message}: #{help}")
    end

    def line_of(error)
      mark = "#{@shown}:"
      place = [*error.backtrace, error.message].find { |text| text.include?(mark) }
      place && place[/#{Regexp.escape(mark)}(\d+)/, 1].to_i
    end

    # Without the place and without terminal decoration, in one line.
    def text(error)
      if error.is_a?(NoMethodError)
        kind = error.receiver.nil? ? 'nil' : error.receiver.class.name
        return "no method '#{error.name}' for #{kind}"
      end

      words = error.message.to_s.dup.force_encoding('utf-8').scrub('?')
      lines = words.lines.map(&:strip).reject(&:empty?)
      lines = lines.first(1) if error.is_a?(NameError) || error.is_a?(SyntaxError)
      words = lines.empty? ? error.class.name : lines.join(' ')
      words.sub(/\A#{Regexp.escape(@shown)}:\d+: /, '').sub(/ for #<Bosh::.*/m, '')[0, 500]
    end
  end
end
