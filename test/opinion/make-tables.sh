#!/bin/sh
# Writes the second opinion: what tshark sees in each fixture capture, one line a message, as fixtures/opinion/<program>/<name>.tsv.
# Needs tshark (made with 4.0.17) and tcpdump (4.99.3); the tests do not. Usage: test/opinion/make-tables.sh [CAPTURE...]
set -eu
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- $(find fixtures/captures -name '*.pcap' -o -name '*.pcapng' -o -name '*.snoop' | sort)
for capture; do
  name=${capture#fixtures/captures/}
  table=fixtures/opinion/${name%.*}.tsv
  mkdir -p "$(dirname "$table")"
  # None of the user's preferences, and every help that tshark has.
  WIRESHARK_CONFIG_DIR=/nonexistent tshark -n -r "$capture" -T pdml -Y rpc \
    -o rpc.dissect_unknown_programs:TRUE -o rpc.find_fragment_start:TRUE \
    -o tcp.reassemble_out_of_order:TRUE -o tcp.try_heuristic_first:TRUE -o udp.try_heuristic_first:TRUE 2>/dev/null |
    node test/opinion/pdml-to-table.js >"$table"
  echo "$table: $(($(wc -l <"$table") - 1)) messages"

  # What tcpdump says of NFS in it; of captures that were made up, it would only say the same again.
  table=fixtures/opinion/${name%.*}.tcpdump
  case $name in */synthetic.pcap | *.snoop) continue ;; esac
  tcpdump -nn --number -r "$capture" 2>/dev/null | node test/opinion/tcpdump-to-table.js >"$table"
  [ -s "$table" ] || rm "$table"
done

# The operations that matter to tshark in each NFSv4 message, by number: several where it has them equal.
for capture in fixtures/captures/nfs4/*.pcap; do
  name=${capture#fixtures/captures/}
  table=fixtures/opinion/${name%.*}.main
  WIRESHARK_CONFIG_DIR=/nonexistent tshark -n -r "$capture" -Y nfs.main_opcode -T fields -e frame.number -e rpc.xid -e nfs.main_opcode 2>/dev/null >"$table"
  echo "$table: $(wc -l <"$table") messages"

  # And what their operations hold, field by field.
  table=fixtures/opinion/${name%.*}.compounds
  WIRESHARK_CONFIG_DIR=/nonexistent tshark -n -r "$capture" -T pdml -Y nfs.procedure_v4\|\|nfs.cb 2>/dev/null |
    node test/opinion/pdml-to-table.js compounds >"$table"
  echo "$table: $(($(wc -l <"$table") - 1)) messages"
done
