# What a template sees: properties, links, the instance.
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

      # Something that every instance in BOSH has, but that is not known for this one.
      class UnknownSpec < StandardError
        attr_reader :name

        def initialize(name)
          @name = name
          super("#{name} is not known")
        end
      end

      # Values under dotted names; templates can use all of these methods, too.
      module PropertyHelper
        def lookup_property(values, name)
          name.split('.').reduce(values) { |value, key| value.nil? ? (return nil) : value[key] }
        end

        def set_property(values, name, value)
          keys = name.split('.')
          last = keys.pop
          keys.reduce(values) { |table, key| table[key] ||= {} }[last] = value
        end

        def copy_property(target, source, name, default = nil)
          validate_properties_format(source, name)
          value = lookup_property(source, name)
          set_property(target, name, value.nil? ? default : value)
        end

        # Whether everything on the way, as far as it exists, is a table.
        def validate_properties_format(values, name)
          name.split('.').reduce(values) do |value, key|
            unless value.is_a?(Hash)
              raise InvalidPropertyType, "the property '#{name}' must be a table, not #{value.class}"
            end
            inner = value[key]
            return if inner.nil?

            inner
          end
          nil
        end

        # Tables in the order of their keys, except those in lists.
        def sort_property(value)
          value.is_a?(Hash) ? value.transform_values { |inner| sort_property(inner) }.sort.to_h : value
        end

        private

        # The name or names, and perhaps a default if none of them is set.
        def first_property(values, arguments)
          names = Array(arguments[0])
          names.each do |name|
            value = lookup_property(values, name)
            return value unless value.nil?
          end
          return arguments[1] if arguments.length == 2

          raise UnknownProperty.new(names, link_name)
        end

        # Calls the block with all of the values; false is a value, nil is not.
        def when_set(values, names)
          found = names.map do |name|
            value = lookup_property(values, name)
            return EvaluationContext::ActiveElseBlock.new(self) if value.nil?

            value
          end
          yield(*found)
          EvaluationContext::InactiveElseBlock.new
        end
      end

      # Properties by p and if_p.
      module Properties
        include PropertyHelper

        def p(*arguments)
          first_property(property_values, arguments)
        end

        def if_p(*names, &block)
          when_set(property_values, names, &block)
        end

        private

        # The link whose properties they are, if any.
        def link_name
          nil
        end
      end

      class EvaluationLinkInstance
        include Properties
        # In BOSH an instance need not have a zone or properties, but has all the rest.
        attr_reader :az, :properties

        %w[name index id address bootstrap].each do |field|
          define_method(field) do
            raise UnknownSpec, "#{@place}.#{field}" if @values[field].nil?

            @values[field]
          end
        end

        def initialize(values, link, index)
          @link_name = link
          @place = "links.#{link}.instances[#{index}]"
          @values = values
          @az, @properties = values.values_at('az', 'properties')
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
          @instances = spec['instances'].map.with_index do |instance, index|
            EvaluationLinkInstance.new(instance, name, index)
          end
        end

        def address(_criteria = {})
          raise UnknownSpec, "links.#{@name}.address" unless @has_address

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
        attr_reader :name, :index, :raw_properties, :properties, :spec

        def initialize(spec)
          @name = spec['name']
          @index = spec['index']
          @raw_properties = spec['properties'] || {}
          @properties = openstruct(@raw_properties)
          @links = spec['links'] || {}
          @spec = InstanceSpec.of(openstruct(spec, BackCompatOpenStruct))
        end

        # Whether an earlier template has changed nothing in it.
        def ==(other)
          %i[spec raw_properties name index properties].all? do |part|
            other.respond_to?(part) && public_send(part) == other.public_send(part)
          end
        end

        def get_binding
          binding
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
          create_evaluation_link(spec, name) if spec.respond_to?(:key?) && spec.key?('instances')
        end

        def create_evaluation_link(spec, name = spec['name'])
          EvaluationLink.new(name, spec)
        end

        def openstruct(value, kind = OpenStruct)
          case value
          when Hash then kind.new(value.transform_values { |inner| openstruct(inner, kind) })
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

        # What BOSH always knows, but was not given here, is not invented.
        class InstanceSpec < BackCompatOpenStruct
          ALWAYS = {
            'spec' => %i[address deployment dns_domain_name id ip networks persistent_disk release],
            'spec.release' => %i[name version]
          }.freeze
          OF_NETWORKS = %i[dns_record_name ip].freeze

          def self.of(table)
            release = table.release
            table.release = make('spec.release', release) if release.is_a?(OpenStruct)
            if table.networks.is_a?(OpenStruct)
              table.networks.each_pair do |name, network|
                next unless network.is_a?(OpenStruct)

                table.networks[name] = make("spec.networks.#{name}", network, OF_NETWORKS)
              end
            end
            make('spec', table)
          end

          def self.make(place, table, always = ALWAYS[place])
            known = table.to_h.reject { |name, value| value.nil? && always.include?(name) }
            new(known).tap { |spec| spec.expect(place, always) }
          end

          def expect(place, always)
            @place = place
            @always = always
          end

          def method_missing(name, *arguments)
            check(name) if arguments.empty?
            super
          end

          def respond_to_missing?(name, all = false)
            super
          end

          def [](name)
            check(name.to_sym)
            super
          end

          def dig(name, *names)
            check(name.to_sym)
            super
          end

          private

          def check(name)
            return unless @always&.include?(name) && !@table.key?(name)

            raise UnknownSpec, "#{@place}.#{name}"
          end
        end

        # After an if_p or if_link whose block was not called.
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

        # After one whose block was called.
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

  # Its name in older templates.
  Template = Common::Template
end
