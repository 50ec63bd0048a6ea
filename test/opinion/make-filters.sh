#!/bin/sh
# Writes what tshark selects by each filter of filters.txt, as fixtures/opinion/filters.tsv: capture, filter, frames with RPC. Where
# a filter selects nothing there is no line. Needs tshark (made with 4.0.17); the tests do not.
set -eu
cd "$(dirname "$0")/../.."
for name in nfs2/allprocs nfs3/allprocs-start nfs3/locks-quota nfs3/udp-retransmit nfs4/client-4.2 \
  nfs4/callbacks-4.0 nfs4/callbacks-4.1 nfsacl/rpcgen mount/showmount rpcbind/loopback \
  rpcbind/allprocs-udp6-lo rpc/gss-krb5p; do
  while IFS= read -r filter; do
    frames=$(WIRESHARK_CONFIG_DIR=/nonexistent tshark -n -r "fixtures/captures/$name.pcap" -Y "($filter) && rpc" -T fields -e frame.number -o rpc.dissect_unknown_programs:TRUE \
      -o tcp.reassemble_out_of_order:TRUE -o tcp.try_heuristic_first:TRUE -o udp.try_heuristic_first:TRUE 2>/dev/null | tr '\n' ' ')
    [ -z "$frames" ] || printf '%s\t%s\t%s\n' "$name" "$filter" "${frames% }"
  done <test/opinion/filters.txt
done >fixtures/opinion/filters.tsv
