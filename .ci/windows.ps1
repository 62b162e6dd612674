# What only a real Windows machine can show, into target\windows-machine: docs/windows.md says what to look at there.
#
#   powershell -ExecutionPolicy Bypass -File .ci\windows.ps1
#
# It needs Rust with its usual toolchain for Windows and nothing else, and takes a quarter of an hour or more. It
# changes nothing outside the folder of the project. Every step runs, whatever became of those before.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Set-Location -LiteralPath (Join-Path $PSScriptRoot '..')

if (-not (Get-Command cargo -ErrorAction SilentlyContinue)) {
    Write-Host 'cargo is not there. Install Rust from https://rustup.rs, open a new console and run this again.'
    exit 1
}
# Tests and tool choose the backend themselves; the environment is not to do it for them.
Remove-Item Env:RINGPORT_BACKEND, Env:RUSTFLAGS -ErrorAction SilentlyContinue

# Relative to the project, so that a space in the path of that harms nothing.
$results = 'target\windows-machine'
New-Item -ItemType Directory -Force -Path $results | Out-Null
$script:failed = @()

# Runs a command of cmd, shows what it says and keeps it. cmd joins its two outputs, because PowerShell would take a
# line on the second for a failure of the script.
function Invoke-Step([string] $name, [string] $command) {
    Write-Host ''
    Write-Host "== $name"
    & cmd.exe /d /s /c "$command 2>&1" | Tee-Object -FilePath (Join-Path $results "$name.txt") | Out-Host
    if ($LASTEXITCODE -ne 0) { $script:failed += $name }
}

Invoke-Step 'system' 'ver && rustc -vV'
Invoke-Step 'doctor' 'cargo run --release -- doctor'
# On both backends, wherever a test names one, and on Registered I/O wherever none is named.
Invoke-Step 'tests' 'cargo test --no-fail-fast'
Invoke-Step 'tests-overlapped' 'set "RINGPORT_BACKEND=overlapped" && cargo test -p ringport --doc'
Invoke-Step 'compare' "cargo run --release -- compare --json $results\compare.json --report $results\compare.html"
Invoke-Step 'compare-overlapped' ('set "RINGPORT_BACKEND=overlapped" && cargo run --release -- compare ' +
    "--json $results\compare-overlapped.json --report $results\compare-overlapped.html")
Invoke-Step 'compare-tcp' ('cargo run --release -- compare --tcp --connections 64 ' +
    "--json $results\compare-tcp.json --report $results\compare-tcp.html")

Write-Host ''
Write-Host "== the results are in $results"
if ($script:failed.Count -gt 0) {
    Write-Host ('failed: ' + ($script:failed -join ', '))
    exit 1
}
Write-Host 'all steps ended well'
exit 0
