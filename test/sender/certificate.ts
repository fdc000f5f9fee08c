/**
 * A self-signed certificate for hooks.example.com, valid until 2126, and its key, which protects nothing. Made with
 * `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj "/CN=Hookwright tests"
 * -addext subjectAltName=DNS:hooks.example.com -addext basicConstraints=critical,CA:TRUE`.
 */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBqjCCAVGgAwIBAgIUElym1VmfZwhwXu2Fif/P5gpa5TcwCgYIKoZIzj0EAwIw
GzEZMBcGA1UEAwwQSG9va3dyaWdodCB0ZXN0czAgFw0yNjExMjMyMTAzNTBaGA8y
MTI2MTAzMDIxMDM1MFowGzEZMBcGA1UEAwwQSG9va3dyaWdodCB0ZXN0czBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABHc7kUE/imO5MCz9GJG53wXgLWf8VHN/DBCj
EGRXMpaUw77bfHtV2b05186fX9HuS4Otm4wImxVJViLccknxJISjcTBvMB0GA1Ud
DgQWBBTeGR4SoPn+b1PP+D4W6ncvwFYuFzAfBgNVHSMEGDAWgBTeGR4SoPn+b1PP
+D4W6ncvwFYuFzAcBgNVHREEFTATghFob29rcy5leGFtcGxlLmNvbTAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIDYAru7l7lq/apOFD7Fekk2rCCE4
lBFKsbhjgvLpX2yMAiBEk7c0fUO4W1kQLT5+823fVFEG/0ESvLAYBp67v3enrQ==
-----END CERTIFICATE-----
`;

/** The key of {@link certificate}. */
export const certificateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFnr/hhP5vc+1JCvP
bdbdRz+iWnvQizIr+VvXNbF9Jz2hRANCAAR3O5FBP4pjuTAs/RiRud8F4C1n/FRz
fwwQoxBkVzKWlMO+23x7Vdm9OdfOn1/R7kuDrZuMCJsVSVYi3HJJ8SSE
-----END PRIVATE KEY-----
`;
