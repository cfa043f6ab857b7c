# Renders the templates of a BOSH release job, as the director does, for `lockstep render`.
#
#   ruby -e PROGRAM list RELEASE-DIR
#   ruby -e PROGRAM render RELEASE-DIR JOB PROPERTIES-FILE APPLY-SPEC     an empty name: there is none
#
# Standard output carries frames: a line with the kind and the lengths of its fields in bytes, then
# the fields without anything between them; the last one is `end`. What a template prints goes to
# standard error.
require 'erb'
require 'json'
require 'ostruct'
require 'shellwords'
require 'time'
require 'uri'
require 'yaml'

frames = $stdout.dup
frames.binmode
frames.close_on_exec = true
$stdout.reopen($stderr)

if Gem::Version.new(RUBY_VERSION) < Gem::Version.new('2.6')
  abort "this Ruby is #{RUBY_VERSION}, and templates need 2.6 or later"
end
# A template that never stops adding to its text ends itself before it ends the machine.
begin
  Process.setrlimit(:AS, 4 << 30)
rescue SystemCallError, ArgumentError
  nil
end

# The director has all of these loaded, and so templates use them without asking.
autoload :Base64, 'base64'
autoload :Digest, 'digest'
autoload :FileUtils, 'fileutils'
autoload :IPAddr, 'ipaddr'
autoload :OpenSSL, 'openssl'
autoload :Pathname, 'pathname'
autoload :Resolv, 'resolv'
autoload :SecureRandom, 'securerandom'
autoload :Set, 'set'
autoload :StringIO, 'stringio'
autoload :Tempfile, 'tempfile'
autoload :Zlib, 'zlib'

# What is taken from ActiveSupport there: object/blank.
class Object
  def blank?
    respond_to?(:empty?) ? !!empty? : !self
  end

  def present?
    !blank?
  end

  def presence
    self if present?
  end
end

class String
  def blank?
    match?(/\A[[:space:]]*\z/)
  end
end

module Bosh
  module Common
    module Template
      EvaluationFailed = Class.new(StandardError)
      InvalidPropertyType = Class.new(StandardError)

      class UnknownProperty < StandardError
        attr_reader :name, :link

        def initialize(names, link = nil)
          @name = names
          @link = link
          words = "no property #{[*names].map { |name| "'#{name}'" }.join(' or ')}"
          super(link ? "#{words} of the link '#{link}'" : words)
        end
      end

      class UnknownLink < StandardError
        attr_reader :name

        def initialize(name)
          @name = name
          super("no link '#{name}'")
        end
      end

      # Something that every instance in BOSH has, and nobody said of this one.
      class UnknownSpec < StandardError
        attr_reader :name

        def initialize(name)
          @name = name
          super("nobody says what spec.#{name} is")
        end
      end

      # Values under dotted names.
      module PropertyHelper
        def lookup_property(values, name)
          name.split('.').reduce(values) { |value, key| value.nil? ? (return nil) : value[key] }
        end

        private

        def first_property(values, names, rest)
          names = Array(names)
          names.each do |name|
            value = lookup_property(values, name)
            return value unless value.nil?
          end
          return rest.first if rest.length == 1

          raise UnknownProperty.new(names, link_name)
        end

        # Calls the block with all of the values; false is a value, nil is none.
        def when_set(values, names)
          found = names.map { |name| lookup_property(values, name) }
          return EvaluationContext::ActiveElseBlock.new(self) if found.any?(&:nil?)

          yield(*found)
          EvaluationContext::InactiveElseBlock.new
        end
      end

      # Properties by p and if_p.
      module Properties
        include PropertyHelper

        def p(names, *rest)
          first_property(property_values, names, rest)
        end

        def if_p(*names, &block)
          when_set(property_values, names, &block)
        end

        private

        # Whose properties they are, where they are a link's.
        def link_name
          nil
        end
      end

      class EvaluationLinkInstance
        include Properties
        attr_reader :name, :index, :id, :az, :address, :properties, :bootstrap

        def initialize(values, link)
          @link_name = link
          @name, @index, @id, @az, @address, @properties, @bootstrap =
            values.values_at('name', 'index', 'id', 'az', 'address', 'properties', 'bootstrap')
        end

        private

        attr_reader :link_name

        def property_values
          @properties
        end
      end

      class EvaluationLink
        include Properties
        attr_reader :instances, :properties

        def initialize(name, spec)
          @name = name
          @properties = spec['properties']
          @has_address = spec.key?('address')
          @address = spec['address']
          @instances = spec['instances'].map { |instance| EvaluationLinkInstance.new(instance, name) }
        end

        def address(_criteria = {})
          raise UnknownLink, "#{@name}.address" unless @has_address

          @address
        end

        private

        def link_name
          @name
        end

        def property_values
          @properties
        end
      end

      # What a template sees.
      class EvaluationContext
        include Properties
        attr_reader :name, :index, :raw_properties

        def initialize(spec)
          @name = spec['name']
          @index = spec['index']
          @raw_properties = spec['properties'] || {}
          @links = spec['links'] || {}
          @whole = spec
        end

        def get_binding
          binding
        end

        def properties
          @properties ||= openstruct(@raw_properties)
        end

        def spec
          @spec ||= openstruct(@whole, BackCompatOpenStruct, SpecOpenStruct)
        end

        def link(name)
          link_named(name) || raise(UnknownLink, name)
        end

        def if_link(name)
          link = link_named(name)
          return ActiveElseBlock.new(self) if link.nil?

          yield link
          InactiveElseBlock.new
        end

        private

        def property_values
          @raw_properties
        end

        def link_named(name)
          spec = lookup_property(@links, name)
          EvaluationLink.new(name, spec) if spec.respond_to?(:key?) && spec.key?('instances')
        end

        def openstruct(value, kind = OpenStruct, outermost = kind)
          case value
          when Hash
            # A key such as 8080 or on is no text in YAML.
            outermost.new(value.to_h { |key, inner| [key.to_s, openstruct(inner, kind)] })
          when Array then value.map { |inner| openstruct(inner, kind) }
          else value
          end
        end

        # methods(false) gives the keys, which is how templates find the names of networks.
        class BackCompatOpenStruct < OpenStruct
          def methods(all = true)
            all ? super : to_h.keys
          end
        end

        class SpecOpenStruct < BackCompatOpenStruct
          ALWAYS = %i[address deployment id ip networks].freeze

          def method_missing(name, *arguments)
            raise UnknownSpec, name if arguments.empty? && ALWAYS.include?(name)

            super
          end

          def respond_to_missing?(name, all = false)
            super
          end
        end

        # Behind an if_p or if_link whose block was not called.
        class ActiveElseBlock
          def initialize(context)
            @context = context
          end

          def else
            yield
          end

          def else_if_p(*names, &block)
            @context.if_p(*names, &block)
          end

          def else_if_link(name, &block)
            @context.if_link(name, &block)
          end
        end

        # Behind one whose block was called.
        class InactiveElseBlock
          def else; end

          def else_if_p(*_names)
            self
          end

          def else_if_link(_name)
            self
          end
        end
      end
    end
  end

  # As older templates call it.
  Template = Common::Template
end

module Lockstep
  # Something wrong with a file, and in which line of it.
  class Fault < StandardError
    attr_reader :where, :line

    def initialize(where, line, words)
      @where = where
      @line = line
      super(words)
    end
  end

  # Writes frames.
  class Output
    def initialize(file)
      @file = file
    end

    def frame(kind, *fields)
      fields = fields.map { |field| field.to_s.dup.force_encoding(Encoding::BINARY) }
      @file.write("#{[kind, *fields.map(&:bytesize)].join(' ')}\n", *fields)
      @file.flush
    end

    def error(fault)
      frame('error', fault.where, fault.line || 0, fault.message)
    end

    def warning(where, words)
      frame('warning', where, words)
    end
  end

  # Reads a file of YAML: a table or nothing.
  def self.table(path, shown)
    text = File.read(path, encoding: 'bom|utf-8')
    raise Fault.new(shown, nil, 'is not UTF-8') unless text.valid_encoding?

    value = YAML.safe_load(text, permitted_classes: [Symbol, Date, Time], aliases: true)
    return {} if value.nil? || value == false
    return value if value.is_a?(Hash)

    raise Fault.new(shown, nil, "is #{kind(value)} and no table of names and values")
  rescue Psych::SyntaxError => e
    raise Fault.new(shown, e.line, "is no YAML: #{[e.problem, e.context].compact.join(' ')}")
  rescue Psych::Exception => e
    raise Fault.new(shown, nil, "has YAML that is not taken: #{e.message}")
  rescue SystemCallError => e
    raise Fault.new(shown, nil, reason(e))
  end

  def self.reason(error)
    case error
    when Errno::ENOENT then 'is not there'
    when Errno::EISDIR then 'is a folder'
    else error.message.sub(/ @ .*/m, '').downcase
    end
  end

  def self.kind(value)
    case value
    when Hash then 'a table'
    when Array then 'a list'
    when String then 'a text'
    when Numeric then 'a number'
    when nil then 'nothing'
    else "#{value.inspect[0, 40]}"
    end
  end

  def self.nearest(name, names)
    near = DidYouMean::SpellChecker.new(dictionary: names).correct(name).first if defined?(DidYouMean)
    near ? "; did you mean '#{near}'?" : ''
  end

  def self.copy(value)
    Marshal.load(Marshal.dump(value))
  end

  # The spec of a release job.
  class JobSpec
    attr_reader :name, :folder, :shown, :templates, :properties, :consumes, :description

    def initialize(release, name)
      @name = name
      @folder = File.join(release, 'jobs', name)
      @shown = "jobs/#{name}/spec"
      table = Lockstep.table(File.join(@folder, 'spec'), @shown)
      @description = table['description'].to_s
      @templates = part(table, 'templates')
      @properties = part(table, 'properties')
      @consumes = Array(table['consumes']).map { |link| link.is_a?(Hash) ? link : fail_consumes }
      named = table['name']
      return if named.nil? || named == name

      raise Fault.new(@shown, nil, "has the name '#{named}', and its folder is called '#{name}'")
    end

    private

    def part(table, name)
      value = table[name]
      return {} if value.nil? || value == []
      return value if value.is_a?(Hash)

      raise Fault.new(@shown, nil, "'#{name}' is #{Lockstep.kind(value)} and no table")
    end

    def fail_consumes
      raise Fault.new(@shown, nil, "'consumes' is no list of tables with a name and a type")
    end
  end

  # What a properties file says, checked against what the job declares.
  class Given
    PARTS = %w[properties links spec].freeze

    attr_reader :properties, :links, :spec, :faults

    def initialize(job, path, output)
      @job = job
      @shown = path.empty? ? 'the properties' : path
      @output = output
      @faults = []
      table = path.empty? ? {} : Lockstep.table(path, path)
      table.each_key do |key|
        next if PARTS.include?(key)

        add("has '#{key}' at its top, where properties, links and spec are looked for" \
          "#{Lockstep.nearest(key.to_s, PARTS)}")
      end
      given, @links, @spec = PARTS.map { |name| part(table, name) }
      warn_of_others(given, [])
      @properties = bind(given)
      check_links
    end

    private

    def add(words)
      @faults << Fault.new(@shown, nil, words)
    end

    def part(table, name)
      value = table[name]
      return {} if value.nil?
      return value if value.is_a?(Hash)

      add("'#{name}' is #{Lockstep.kind(value)} and no table")
      {}
    end

    # BOSH hands on what the job declares, and nothing else.
    def bind(given)
      bound = {}
      @job.properties.each do |name, definition|
        value = lookup(given, name)
        value = (definition || {})['default'] if value.nil?
        put(bound, name.to_s.split('.'), sorted(value))
      rescue Fault => e
        @faults << e
      rescue StandardError => e
        @faults << Fault.new(@job.shown, nil, "the property '#{name}': #{e.message}")
      end
      bound
    end

    def lookup(given, name)
      name.to_s.split('.').reduce(given) do |value, key|
        unless value.is_a?(Hash)
          raise Fault.new(@shown, nil,
                          "the property '#{name}' is looked for in #{Lockstep.kind(value)}, " \
                          'where a table should be')
        end
        found = value[key]
        return nil if found.nil?

        found
      end
    end

    def put(bound, keys, value)
      last = keys.pop
      keys.reduce(bound) { |table, key| table[key] ||= {} }[last] = value
    end

    # Tables reach templates in the order of their keys, but for those in lists.
    def sorted(value)
      value.is_a?(Hash) ? value.transform_values { |inner| sorted(inner) }.sort.to_h : value
    end

    def warn_of_others(table, path)
      table.each do |key, value|
        name = [*path, key].join('.')
        next if @job.properties.key?(name)

        if @job.properties.each_key.any? { |other| other.to_s.start_with?("#{name}.") }
          warn_of_others(value, [*path, key]) if value.is_a?(Hash)
        else
          near = Lockstep.nearest(name, @job.properties.keys.map(&:to_s))
          @output.warning(@shown, "'#{name}' is no property of #{@job.name} and reaches no " \
            "template#{near}")
        end
      end
    end

    def check_links
      consumed = @job.consumes.map { |link| link['name'] }
      (@links.keys - consumed).each do |name|
        @output.warning(@shown, "#{@job.name} consumes no link '#{name}'" \
          "#{Lockstep.nearest(name.to_s, consumed.compact)}")
      end
      @job.consumes.each { |link| check_link(link) }
    end

    def check_link(declared)
      name = declared['name']
      link = @links[name]
      if link.nil?
        return if declared['optional']

        add("says nothing of the link '#{name}' (of type '#{declared['type']}'), which " \
          "#{@job.name} cannot do without; give links.#{name}")
      elsif !link.is_a?(Hash) || !instances?(link['instances'])
        add("links.#{name} has no list of instances; give an address for each, as in " \
          "'instances: [{address: 10.0.0.3}]'")
      end
    end

    def instances?(list)
      list.is_a?(Array) && list.all?(Hash)
    end
  end

  # The instance, as templates see it in spec.
  module Instance
    FROM_AGENT = %w[deployment job index name id az networks persistent_disk dns_domain_name].freeze

    def self.spec(given, apply_spec)
      spec = { 'name' => 'vm', 'index' => 0, 'az' => nil }
      spec.merge!(apply_spec.slice(*FROM_AGENT))
      spec.merge!(given)
      spec['job'] = { 'name' => spec['name'] } unless spec['job']
      spec['bootstrap'] = spec['index'] == 0 unless spec.key?('bootstrap')
      spec['ip'] = ip(spec['networks']) if spec['networks'].is_a?(Hash) && !spec.key?('ip')
      spec['address'] = spec['ip'] if spec['ip'] && !spec.key?('address')
      spec
    end

    # Of the network that is addressable by default, else the gateway's, else the only one.
    def self.ip(networks)
      tables = networks.values.grep(Hash)
      chosen = %w[addressable gateway].map do |role|
        tables.find { |network| Array(network['default']).include?(role) }
      end
      (chosen.compact.first || tables.first || {})['ip']
    end
  end

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
        Fault.new(@shown, line, "#{error.message}; give it under 'spec' in the properties file")
      when SystemExit then Fault.new(@shown, line, 'ends the program')
      when NoMemoryError then Fault.new(@shown, line, 'needs more memory than 4 GiB')
      when SystemCallError then Fault.new(@shown, line, line ? text(error) : Lockstep.reason(error))
      when SyntaxError then Fault.new(@shown, line, "is no Ruby: #{text(error)}")
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

    # Without the place, without what is added for terminals, and in one line.
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

  def self.list(release, output)
    Dir.children(File.join(release, 'jobs')).sort.each do |name|
      next unless File.exist?(File.join(release, 'jobs', name, 'spec'))

      job = JobSpec.new(release, name)
      scripts = job.templates.values.grep(%r{\Abin/(pre-start|post-start|post-deploy|pre-stop|drain|post-stop|run)\z})
      output.frame('job', name, job.description.lines.first.to_s.strip,
                   scripts.map { |path| path.delete_prefix('bin/') }.join(' '))
    rescue Fault => e
      output.error(e)
    end
  rescue SystemCallError => e
    output.error(Fault.new('jobs', nil, reason(e)))
  end

  def self.release_name(release)
    %w[final.yml final.yaml].each do |name|
      path = File.join(release, 'config', name)
      next unless File.exist?(path)

      table = table(path, "config/#{name}")
      return table['name'] || table['final_name'] || File.basename(release)
    end
    File.basename(release)
  end

  def self.apply_spec(path)
    return {} if path.empty? || !File.exist?(path)

    value = JSON.parse(File.read(path, encoding: 'bom|utf-8'))
    value.is_a?(Hash) ? value : {}
  rescue JSON::ParserError
    raise Fault.new(path, nil, 'is no JSON')
  end

  def self.context(release, job, given, apply_path)
    spec = Instance.spec(given.spec, apply_spec(apply_path))
    spec['properties'] = given.properties
    spec['links'] = given.links.compact
    spec['release'] = { 'name' => release_name(release), 'version' => nil } unless spec['release']
    spec
  end

  def self.templates(job)
    list = job.templates.map do |source, destination|
      Template.new(job, "templates/#{source}", destination.to_s)
    end
    return list unless File.exist?(File.join(job.folder, 'monit'))

    [Template.new(job, 'monit', 'monit'), *list]
  end

  def self.render(release, name, properties, apply_path, output)
    output.frame('at', "jobs/#{name}/spec")
    job = JobSpec.new(release, name)
    given = Given.new(job, properties, output)
    given.faults.each { |fault| output.error(fault) }
    return unless given.faults.empty?

    spec = context(release, job, given, apply_path)
    if File.exist?(File.join(job.folder, 'properties_schema.json'))
      output.warning("jobs/#{name}/properties_schema.json", 'is not looked at here')
    end
    templates(job).each do |template|
      output.frame('at', template.shown)
      # Each template has the values for itself, since it may change them.
      text = template.render(Bosh::Common::Template::EvaluationContext.new(copy(spec)))
      output.frame('file', template.destination, template.shown, text)
    rescue Fault => e
      output.error(e)
    end
  end

  def self.main(arguments, output)
    mode, *rest = arguments
    begin
      mode == 'list' ? list(*rest, output) : render(*rest, output)
    rescue Fault => e
      output.error(e)
    end
    output.frame('end')
  end
end

Lockstep.main(ARGV, Lockstep::Output.new(frames))
# What a template left behind, such as a thread, has nothing more to say.
$stderr.flush
exit!(0)
