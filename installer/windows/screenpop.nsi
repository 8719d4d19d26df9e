; The set-up of screenpop for Windows. Built by `dev.py package windows`, which defines
; VERSION, VERSION_NUMBER, VERSION_MAJOR, VERSION_MINOR, SOURCE, SIZE_KB, OUT, ICON,
; GENERATED, MARKS_USER, MARKS_MACHINE and TARGET, and perhaps SIGN_COMMAND.
;
; Per user unless /ALLUSERS is given. Nothing is asked with /S. What is installed lies
; in one folder, `app`, which is exchanged as a whole: an upgrade leaves nothing behind
; of the version before it, and a failed one leaves that version as it was.

!ifdef TARGET
  Target ${TARGET}
!endif
Unicode true
ManifestDPIAware true
ManifestLongPathAware true
ManifestSupportedOS Win10
; An administrator is asked for where one is needed only.
RequestExecutionLevel user
SetCompressor /SOLID lzma
SetDatablockOptimize on
CRCCheck force
AllowSkipFiles off

!include "LogicLib.nsh"
!include "FileFunc.nsh"
!include "TextFunc.nsh"
!include "WordFunc.nsh"
!include "StrFunc.nsh"
!include "MUI2.nsh"
!include "nsDialogs.nsh"
!include "x64.nsh"
!include "${GENERATED}"
${Using:StrFunc} StrStr
${Using:StrFunc} UnStrStr
!define un.StrStr `${UnStrStr}`

; Exit statuses, those of msiexec where it has one.
!define DONE 0
!define NOT_JOINED 3
!define WRONG_SWITCH 87
!define NEEDS_ADMINISTRATOR 740
!define FAILED 1603
!define TRY_LATER 1618
!define NOT_OVER_THAT 1638

!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${PRODUCT}"
!define APP "$INSTDIR\app"
!define PROGRAM "${APP}\${PROGRAM_NAME}"
!define CONSOLE_PROGRAM "${APP}\${CONSOLE_PROGRAM_NAME}"
!define STARTED_WAIT_MS 30000
!define SELF_TEST_MS 180000
!define REPARSE_POINT 0x400

Name "${PRODUCT}"
Caption "${PRODUCT} ${VERSION}"
BrandingText "${PRODUCT} ${VERSION}"
OutFile "${OUT}"
; Empty, so that /D= can be told from the places chosen below.
InstallDir ""
ShowInstDetails nevershow
ShowUninstDetails nevershow
VIProductVersion "${VERSION_NUMBER}"
VIFileVersion "${VERSION_NUMBER}"
VIAddVersionKey "ProductName" "${PRODUCT}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION_NUMBER}"
VIAddVersionKey "FileDescription" "Set-up of ${PRODUCT}"
VIAddVersionKey "CompanyName" "${PUBLISHER}"
VIAddVersionKey "LegalCopyright" "${PUBLISHER}, MIT licence"
!ifdef SIGN_COMMAND
  !finalize '${SIGN_COMMAND} "%1"' = 0
  !uninstfinalize '${SIGN_COMMAND} "%1"' = 0
!endif

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING

Var ForAll      ; 1 for everybody on this computer
Var LogFile     ; where to write what is done; "" for nowhere
Var LogHandle
Var Console     ; a handle to standard output; 0 for none
Var Preset      ; the file with settings that was handed over; "" for none
Var Enrolment   ; the one-time code; in this process only
Var AtLogin     ; 1 or 0 to switch login start on or off; "" to leave it
Var Links       ; 0 to be offered for no telephone links
Var SelfTest    ; 1 to prove the new version before it takes the old one's place
Var StartAfter  ; 1 or 0; "" to start it again if it was running
Var WasRunning
Var WaitUntil   ; in ticks: how long a call may hold the set-up up
Var Before      ; the version that is there; "" for none
Var Mutex
Var Status      ; with what the set-up will end

; --- telling ------------------------------------------------------------------------

!macro Telling un
Function ${un}Tell
  Exch $0
  Push $1
  Push $2
  Push $3
  ${TrimNewLines} "$0" $0
  ${If} $0 == ""
    Goto told
  ${EndIf}
  DetailPrint $0
  ${If} $LogHandle != ""
    FileWriteUTF16LE /BOM $LogHandle "$0$\r$\n"
  ${EndIf}
  ${If} $Console <> 0
    StrCpy $1 "$0$\r$\n"
    StrLen $2 $1
    System::Call 'kernel32::WriteFile(p $Console, m r1, i r2, *i .r3, p 0)'
  ${EndIf}
  told:
  Pop $3
  Pop $2
  Pop $1
  Pop $0
FunctionEnd

Function ${un}OpenTelling
  StrCpy $LogHandle ""
  ${If} $LogFile != ""
    FileOpen $LogHandle "$LogFile" a
    ${If} ${Errors}
      StrCpy $LogHandle ""
    ${Else}
      FileSeek $LogHandle 0 END
    ${EndIf}
  ${EndIf}
  StrCpy $Console 0
  ${If} ${Silent}
    ; A set-up has no console of its own; who started it may have one, or a pipe.
    System::Call 'kernel32::GetStdHandle(i -11)p.s'
    Pop $Console
    ${If} $Console == 0
    ${OrIf} $Console == -1
      System::Call 'kernel32::AttachConsole(i -1)i.s'
      Pop $0
      System::Call 'kernel32::GetStdHandle(i -11)p.s'
      Pop $Console
    ${EndIf}
    ${If} $Console == -1
      StrCpy $Console 0
    ${EndIf}
  ${EndIf}
FunctionEnd

; Ends the set-up; the status and the sentence lie on the stack, the sentence on top.
Function ${un}Refuse
  Pop $0
  Pop $1
  Push $0
  Call ${un}Tell
  MessageBox MB_OK|MB_ICONEXCLAMATION "$0" /SD IDOK
  SetErrorLevel $1
  Quit
FunctionEnd
!macroend
!insertmacro Telling ""
!insertmacro Telling "un."

!macro Tell un TEXT
  Push "${TEXT}"
  Call ${un}Tell
!macroend
!define Tell '!insertmacro Tell ""'
!define un.Tell '!insertmacro Tell "un."'

!macro Refuse un STATUS TEXT
  Push ${STATUS}
  Push "${TEXT}"
  Call ${un}Refuse
!macroend
!define Refuse '!insertmacro Refuse ""'
!define un.Refuse '!insertmacro Refuse "un."'

; --- the running app ------------------------------------------------------------------

!macro Closing un
; Asks the running app to end and waits for it. A call keeps it running: then this
; waits for the call's end, as long as it may, and gives up. Nothing is killed.
Function ${un}CloseApp
  StrCpy $WasRunning 0
  ${IfNot} ${FileExists} "${PROGRAM}"
    Return
  ${EndIf}
  ask:
  StrCpy $2 ""
  ${If} $ForAll == 1
    StrCpy $2 " --everybody"
  ${EndIf}
  StrCpy $0 0
  StrCpy $1 ""
  ${If} ${FileExists} "${CONSOLE_PROGRAM}"
    nsExec::ExecToStack /TIMEOUT=${STARTED_WAIT_MS} \
      '"${CONSOLE_PROGRAM}" quit --unless-in-call$2'
    Pop $0
    Pop $1
  ${EndIf}
  ${${un}StrStr} $2 $1 "${SAID_WHEN_ENDED}"
  ${If} $0 == 0
  ${AndIf} $2 != ""
    StrCpy $WasRunning 1
  ${EndIf}
  ${If} $0 == 0
    ; Also another user's app, or a program that was left behind, holds its file.
    ClearErrors
    FileOpen $2 "${PROGRAM}" a
    ${IfNot} ${Errors}
      FileClose $2
      Return
    ${EndIf}
    StrCpy $1 "${PRODUCT} is in use"
  ${ElseIf} $0 == "error"
  ${OrIf} $0 == "timeout"
    StrCpy $1 "${PRODUCT} does not answer"
  ${EndIf}
  System::Call 'kernel32::GetTickCount64()l.s'
  Pop $2
  System::Int64Op $2 < $WaitUntil
  Pop $2
  ${If} $2 == 1
    Sleep 2000
    Goto ask
  ${EndIf}
  MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION \
    "screenpop runs and cannot be changed just now.$\r$\n$\r$\n$1" \
    /SD IDCANCEL IDRETRY ask
  ${${un}Tell} "$1"
  ${${un}Refuse} ${TRY_LATER} "screenpop runs and cannot be changed just now: try again."
FunctionEnd

; $0: minutes to wait for the end of a call.
Function ${un}SetWait
  System::Call 'kernel32::GetTickCount64()l.s'
  Pop $1
  IntOp $0 $0 * 60000
  System::Int64Op $1 + $0
  Pop $WaitUntil
FunctionEnd
!macroend
!insertmacro Closing ""
!insertmacro Closing "un."

; --- what the command line says --------------------------------------------------------

; The value of the first switch that begins with a name, on the stack; as Windows itself
; takes command lines apart: FileFunc's GetOptions would cut an address at its slashes.
!macro Finding un
Function ${un}FindSwitch
  Exch $0 ; the name, then the value
  Push $1 ; the list
  Push $2 ; how many
  Push $3 ; which
  Push $4
  Push $5
  StrLen $5 $0
  StrCpy $4 $CMDLINE
  System::Call 'shell32::CommandLineToArgvW(w r4, *i .r2)p.r1'
  StrCpy $3 $1
  ${Do}
    IntPtrOp $3 $3 + ${NSIS_PTR_SIZE}
    IntOp $2 $2 - 1
    ${If} $2 < 1
      StrCpy $0 ""
      SetErrors
      ${ExitDo}
    ${EndIf}
    System::Call '*$3(p.r4)'
    System::Call 'kernel32::lstrcpynW(w .r4, p r4, i ${NSIS_MAX_STRLEN})'
    Push $4
    StrCpy $4 $4 $5
    ${If} $4 == $0
      Pop $0
      StrCpy $0 $0 "" $5
      ClearErrors
      ${ExitDo}
    ${EndIf}
    Pop $4
  ${Loop}
  System::Call 'kernel32::LocalFree(p r1)'
  Pop $5
  Pop $4
  Pop $3
  Pop $2
  Pop $1
  Exch $0
FunctionEnd
!macroend
!insertmacro Finding ""
!insertmacro Finding "un."

!macro ReadSwitch un RESULT NAME
  Push "${NAME}"
  Call ${un}FindSwitch
  Pop ${RESULT}
!macroend
!define ReadSwitch '!insertmacro ReadSwitch ""'
!define un.ReadSwitch '!insertmacro ReadSwitch "un."'

; 1 where a switch without a value is there.
!macro HasSwitch RESULT NAME
  Push "${NAME}"
  Call FindSwitch
  Pop ${RESULT}
  ${If} ${Errors}
    StrCpy ${RESULT} 0
  ${Else}
    StrCpy ${RESULT} 1
  ${EndIf}
!macroend
!define HasSwitch '!insertmacro HasSwitch'

!macro CheckFlag NAME VALUE
  ${If} ${VALUE} != ""
  ${AndIf} ${VALUE} != "0"
  ${AndIf} ${VALUE} != "1"
    ${Refuse} ${WRONG_SWITCH} "${NAME} is followed by 0 or 1."
  ${EndIf}
!macroend

Function ReadSwitches
  ${ReadSwitch} $LogFile "/LOG="
  Call OpenTelling
  ${ReadSwitch} $Preset "/CONFIG="
  ${ReadSwitch} $Enrolment "/ENROL="
  ${ReadSwitch} $AtLogin "/LOGINSTART="
  ${ReadSwitch} $Links "/LINKS="
  ${ReadSwitch} $SelfTest "/SELFTEST="
  ${ReadSwitch} $StartAfter "/START="
  !insertmacro CheckFlag "/LOGINSTART=" $AtLogin
  !insertmacro CheckFlag "/LINKS=" $Links
  !insertmacro CheckFlag "/SELFTEST=" $SelfTest
  !insertmacro CheckFlag "/START=" $StartAfter
  ${ReadSwitch} $0 "/WAIT="
  Call SetWait
  ; The code may be in a file instead, which no list of processes shows.
  ${ReadSwitch} $0 "/ENROLFILE="
  ${If} $0 != ""
    ClearErrors
    FileOpen $1 "$0" r
    ${If} ${Errors}
      ${Refuse} ${WRONG_SWITCH} "$0 cannot be read."
    ${EndIf}
    FileRead $1 $Enrolment
    FileClose $1
    ${TrimNewLines} $Enrolment $Enrolment
  ${EndIf}
  ${If} $Preset == ""
  ${AndIf} ${FileExists} "$EXEDIR\${POLICY_NAME}"
    StrCpy $Preset "$EXEDIR\${POLICY_NAME}"
  ${EndIf}
  ${If} $Preset != ""
  ${AndIfNot} ${FileExists} "$Preset"
    ${Refuse} ${WRONG_SWITCH} "$Preset is not there."
  ${EndIf}
  Call ReadMode
FunctionEnd

; For whom: as asked; else as it is installed already; else for this user.
Function ReadMode
  ${HasSwitch} $0 "/ALLUSERS"
  ${HasSwitch} $1 "/CURRENTUSER"
  ${If} $0 == 1
  ${AndIf} $1 == 1
    ${Refuse} ${WRONG_SWITCH} "/ALLUSERS and /CURRENTUSER exclude each other."
  ${EndIf}
  ReadRegStr $2 HKLM "${UNINSTALL_KEY}" "InstallLocation"
  ${If} $0 == 1
    StrCpy $ForAll 1
  ${ElseIf} $1 == 0
  ${AndIf} $2 != ""
    StrCpy $ForAll 1
  ${Else}
    StrCpy $ForAll 0
  ${EndIf}
  ${If} $1 == 1
  ${AndIf} $2 != ""
    ${Refuse} ${NOT_OVER_THAT} "screenpop is installed for everybody on this computer already."
  ${EndIf}
FunctionEnd

; Asks for an administrator where one is needed; what was said on the command line is
; said again, by the set-up that then runs in this one's place.
Function NeedAdministrator
  UserInfo::GetAccountType
  Pop $0
  ${If} $0 == "Admin"
    Return
  ${EndIf}
  ${If} ${Silent}
    ${Refuse} ${NEEDS_ADMINISTRATOR} "Only an administrator can install screenpop for everybody."
  ${EndIf}
  ${GetParameters} $0
  System::Call 'kernel32::CloseHandle(p $Mutex)'
  ClearErrors
  ExecShell "runas" "$EXEPATH" "/ALLUSERS $0"
  ${If} ${Errors}
    ${Refuse} ${NEEDS_ADMINISTRATOR} "Only an administrator can install screenpop for everybody."
  ${EndIf}
  SetErrorLevel ${DONE}
  Quit
FunctionEnd

; Everything that depends on for whom it is installed; refuses what cannot be done.
Function SettleMode
  ${If} $ForAll == 1
    Call NeedAdministrator
    SetShellVarContext all
    ${If} $Enrolment != ""
      ${Refuse} ${WRONG_SWITCH} "An enrolment code is one user's: give it to the set-up for that user, or to '${CONSOLE_PROGRAM_NAME} team join'."
    ${EndIf}
  ${Else}
    SetShellVarContext current
  ${EndIf}
  ReadRegStr $Before SHCTX "${UNINSTALL_KEY}" "VersionNumber"
  ReadRegStr $0 HKLM "${OWN_KEY}" "InstalledBy"
  ${If} $0 == "msi"
    ${Refuse} ${NOT_OVER_THAT} "screenpop is installed by an MSI on this computer. Remove that first."
  ${EndIf}
  ReadRegStr $0 SHCTX "${UNINSTALL_KEY}" "InstallLocation"
  ${If} $Before != ""
    ${VersionCompare} $Before "${VERSION_NUMBER}" $1
    ${If} $1 == 1
      ReadRegStr $1 SHCTX "${UNINSTALL_KEY}" "DisplayVersion"
      ${Refuse} ${NOT_OVER_THAT} "screenpop $1 is installed, which is newer than ${VERSION}. Remove it first."
    ${EndIf}
  ${EndIf}
  ${If} $0 != ""
    StrCpy $INSTDIR $0
  ${ElseIf} $INSTDIR == ""
    ${If} $ForAll == 1
      StrCpy $INSTDIR "$PROGRAMFILES64\${PRODUCT}"
    ${Else}
      StrCpy $INSTDIR "$LOCALAPPDATA\Programs\${PRODUCT}"
    ${EndIf}
  ${EndIf}
FunctionEnd

Function .onInit
  StrCpy $Status ${DONE}
  ${IfNot} ${RunningX64}
    MessageBox MB_OK|MB_ICONEXCLAMATION "screenpop needs a 64-bit Windows." /SD IDOK
    SetErrorLevel ${FAILED}
    Quit
  ${EndIf}
  SetRegView 64
  Call ReadSwitches
  System::Call 'kernel32::CreateMutexW(p 0, i 0, t "Local\${PRODUCT}-setup")p.s ?e'
  Pop $0
  Pop $Mutex
  ${If} $0 == 183
    ${Refuse} ${TRY_LATER} "Another set-up of screenpop is running."
  ${EndIf}
  ${If} ${Silent}
    Call SettleMode
  ${EndIf}
FunctionEnd

; --- the pages --------------------------------------------------------------------------

Var ForMeButton
Var ForAllButton
Var AtLoginBox

Page custom ShowChoices TakeChoices
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN
!define MUI_FINISHPAGE_RUN_TEXT "Start screenpop"
!define MUI_FINISHPAGE_RUN_FUNCTION StartAsUser
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

Function ShowChoices
  !insertmacro MUI_HEADER_TEXT "Install screenpop ${VERSION}" "It shows who is calling."
  nsDialogs::Create 1018
  Pop $0
  ${NSD_CreateRadioButton} 0 0 100% 12u "Install for &me only"
  Pop $ForMeButton
  ${NSD_CreateRadioButton} 0 16u 100% 12u "Install for &everybody on this computer (asks for an administrator)"
  Pop $ForAllButton
  ${NSD_CreateCheckBox} 0 44u 100% 12u "Start screenpop when I &log in"
  Pop $AtLoginBox
  ${NSD_CreateLabel} 0 60u 100% 24u "You can change that later in the settings. So that telephone links open in screenpop, choose it in Windows' settings, Default apps."
  Pop $0
  ${If} $ForAll == 1
    ${NSD_Check} $ForAllButton
  ${Else}
    ${NSD_Check} $ForMeButton
  ${EndIf}
  ReadRegStr $0 HKLM "${UNINSTALL_KEY}" "InstallLocation"
  ${If} $0 != ""
    EnableWindow $ForMeButton 0
  ${EndIf}
  ${If} $AtLogin == 1
    ${NSD_Check} $AtLoginBox
  ${EndIf}
  nsDialogs::Show
FunctionEnd

Function TakeChoices
  ${NSD_GetState} $ForAllButton $ForAll
  ${NSD_GetState} $AtLoginBox $0
  ; Not ticked says nothing: the user may have switched it on in the settings.
  ${If} $0 == 1
    StrCpy $AtLogin 1
  ${EndIf}
  Call SettleMode
FunctionEnd

; By Explorer, which is the user's own even where an administrator runs the set-up.
Function StartAsUser
  Exec '"$WINDIR\explorer.exe" "${PROGRAM}"'
FunctionEnd

; --- installing -------------------------------------------------------------------------

Section "screenpop"
  ${Tell} "Installing screenpop ${VERSION} in $INSTDIR"
  Call RecoverExchange
  Call CloseApp
  Call Unpack
  ${If} $SelfTest == 1
    Call ProveNew
  ${EndIf}
  Call Exchange
  WriteUninstaller "$INSTDIR\uninstall.exe"
  ${If} ${Errors}
    ${Refuse} ${FAILED} "$INSTDIR\uninstall.exe cannot be written."
  ${EndIf}
  Call Register
  Call TakePreset
  Call Enrol
  Call StartAgain
  ${If} $Status == ${DONE}
    ${Tell} "screenpop ${VERSION} is installed"
  ${EndIf}
  SetErrorLevel $Status
SectionEnd

; A set-up that was cut off between the two renamings left the old version beside.
Function RecoverExchange
  ${If} ${FileExists} "$INSTDIR\app.old\*.*"
  ${AndIfNot} ${FileExists} "${APP}\*.*"
    Rename "$INSTDIR\app.old" "${APP}"
  ${EndIf}
  RMDir /r "$INSTDIR\app.old"
  RMDir /r "$INSTDIR\app.new"
FunctionEnd

Function Unpack
  ClearErrors
  SetOutPath "$INSTDIR\app.new"
  File /r "${SOURCE}\*.*"
  ; How it is installed, and whose updates it takes.
  ${If} $ForAll == 1
    File "${MARKS_MACHINE}\*.*"
  ${Else}
    File "${MARKS_USER}\*.*"
  ${EndIf}
  ${If} ${Errors}
    Call DropNew
    ${Refuse} ${FAILED} "$INSTDIR cannot be written, or the disk is full. Nothing was changed."
  ${EndIf}
  ; Nobody may stand in a folder that is to be renamed.
  SetOutPath "$INSTDIR"
FunctionEnd

Function ProveNew
  nsExec::ExecToStack /TIMEOUT=${SELF_TEST_MS} \
    '"$INSTDIR\app.new\${CONSOLE_PROGRAM_NAME}" self-test'
  Pop $0
  Pop $1
  ${If} $0 != 0
    ${Tell} "$1"
    Call DropNew
    Call StartAgain
    ${Refuse} ${FAILED} "screenpop ${VERSION} does not work on this computer. Nothing was changed."
  ${EndIf}
FunctionEnd

Function DropNew
  SetOutPath "$TEMP"
  RMDir /r "$INSTDIR\app.new"
  RMDir "$INSTDIR"
FunctionEnd

Function Exchange
  StrCpy $0 0
  ${DoWhile} $0 < 20
    ClearErrors
    ${If} ${FileExists} "${APP}\*.*"
      Rename "${APP}" "$INSTDIR\app.old"
    ${EndIf}
    ${IfNot} ${Errors}
      Rename "$INSTDIR\app.new" "${APP}"
    ${EndIf}
    ${IfNot} ${Errors}
      ${ExitDo}
    ${EndIf}
    ${IfNot} ${FileExists} "${APP}\*.*"
      Rename "$INSTDIR\app.old" "${APP}"
    ${EndIf}
    ; Virus scanners hold new files for a moment.
    Sleep 500
    IntOp $0 $0 + 1
  ${Loop}
  ${If} $0 = 20
    Call DropNew
    Call StartAgain
    ${Refuse} ${TRY_LATER} "The files of screenpop are in use: try again. Nothing was changed."
  ${EndIf}
  RMDir /r "$INSTDIR\app.old"
FunctionEnd

Function Register
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayName" "${PRODUCT}"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "VersionNumber" "${VERSION_NUMBER}"
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "VersionMajor" ${VERSION_MAJOR}
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "VersionMinor" ${VERSION_MINOR}
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "Publisher" "${PUBLISHER}"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayIcon" "${PROGRAM},0"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "EstimatedSize" ${SIZE_KB}
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "NoRepair" 1
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  CreateShortcut "$SMPROGRAMS\${PRODUCT}.lnk" "${PROGRAM}" "" "${PROGRAM}" 0 \
    SW_SHOWNORMAL "" "${DESCRIPTION}"
  ${If} $Links == 0
    !insertmacro RemoveLinks SHCTX ""
  ${Else}
    !insertmacro OfferLinks SHCTX
  ${EndIf}
  Call SetLoginStart
  ; Explorer shows links' new handler without a new login.
  System::Call 'shell32::SHChangeNotify(i 0x8000000, i 0, p 0, p 0)'
FunctionEnd

; For everybody it is switched on once for each user, who may switch it off.
Function SetLoginStart
  ${If} $AtLogin == 1
  ${AndIf} $ForAll == 1
    WriteRegStr HKLM "${FIRST_LOGIN_KEY}" "" "${PRODUCT}"
    WriteRegStr HKLM "${FIRST_LOGIN_KEY}" "Version" "${FIRST_LOGIN_VERSION}"
    WriteRegStr HKLM "${FIRST_LOGIN_KEY}" "StubPath" '${FIRST_LOGIN_COMMAND}'
  ${ElseIf} $AtLogin == 1
    WriteRegStr HKCU "${RUN_KEY}" "${RUN_NAME}" '${RUN_COMMAND}'
    DeleteRegValue HKCU "${APPROVED_KEY}" "${RUN_NAME}"
  ${ElseIf} $AtLogin == 0
  ${AndIf} $ForAll == 1
    DeleteRegKey HKLM "${FIRST_LOGIN_KEY}"
  ${ElseIf} $AtLogin == 0
    DeleteRegValue HKCU "${RUN_KEY}" "${RUN_NAME}"
  ${EndIf}
FunctionEnd

; For everybody: the policy of this computer. For one user: settings to begin with.
Function TakePreset
  ${If} $ForAll == 1
    Call GuardPolicyFolder
  ${EndIf}
  ${If} $Preset == ""
    Return
  ${EndIf}
  StrCpy $2 $Preset
  ${If} $ForAll == 1
    StrCpy $0 "$APPDATA\${PRODUCT}\${POLICY_NAME}"
    ; Written over, it would keep the owner and the permissions that it had.
    Delete "$0"
    System::Call 'kernel32::CopyFileW(t r2, t r0, i 0)i.r1'
    WriteRegStr SHCTX "${UNINSTALL_KEY}" "Policy" "$0"
  ${Else}
    StrCpy $0 "$LOCALAPPDATA\${PRODUCT}\config.toml"
    ${If} ${FileExists} "$0"
      ${Tell} "$0 is there already and stays as it is"
      Return
    ${EndIf}
    CreateDirectory "$LOCALAPPDATA\${PRODUCT}"
    System::Call 'kernel32::CopyFileW(t r2, t r0, i 1)i.r1'
  ${EndIf}
  ${If} $1 = 0
    ${Refuse} ${FAILED} "$0 cannot be written. screenpop is installed without it."
  ${EndIf}
  ${Tell} "Settings of $Preset are now in $0"
FunctionEnd

; Ordinary users may make folders where everybody's settings lie: this one is made, or
; taken, by an administrator. A file that somebody put there before stays theirs, and so
; screenpop does not read it; a link is not followed.
Function GuardPolicyFolder
  StrCpy $2 "$APPDATA\${PRODUCT}"
  System::Call 'kernel32::GetFileAttributesW(t r2)i.r0'
  IntOp $1 $0 & ${REPARSE_POINT}
  ${If} $0 <> -1
  ${AndIf} $1 <> 0
    RMDir "$2"
  ${EndIf}
  CreateDirectory "$2"
  StrCpy $3 0
  Push '/setowner *S-1-5-32-544'
  Call Icacls
  Push '/reset'
  Call Icacls
  Push '/inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F *S-1-5-32-545:(OI)(CI)RX'
  Call Icacls
  ${If} $3 <> 0
    ${Tell} "The permissions of $2 could not be set"
  ${EndIf}
FunctionEnd

; What to do to the folder $2 lies on the stack; $3 becomes 1 where it fails.
Function Icacls
  Pop $0
  nsExec::ExecToStack '"$SYSDIR\icacls.exe" "$2" $0 /L /Q'
  Pop $0
  Pop $1
  ${If} $0 != 0
    StrCpy $3 1
  ${EndIf}
FunctionEnd

; By the environment of the one process that needs it: a command line can be seen.
Function Enrol
  ${If} $Enrolment == ""
    Return
  ${EndIf}
  StrCpy $0 $Enrolment
  System::Call 'kernel32::SetEnvironmentVariableW(t "${CODE_VARIABLE}", t r0)'
  StrCpy $Enrolment ""
  nsExec::ExecToStack /TIMEOUT=${SELF_TEST_MS} '"${CONSOLE_PROGRAM}" team join'
  Pop $0
  Pop $1
  System::Call 'kernel32::SetEnvironmentVariableW(t "${CODE_VARIABLE}", p 0)'
  ${Tell} "$1"
  ${If} $0 != 0
    StrCpy $Status ${NOT_JOINED}
    ${Tell} "screenpop ${VERSION} is installed, but has not joined the team"
  ${EndIf}
FunctionEnd

Function StartAgain
  ${If} $ForAll == 1
  ${OrIf} $StartAfter == 0
    Return
  ${EndIf}
  ${If} $StartAfter == 1
  ${OrIf} $WasRunning == 1
    Exec '"${PROGRAM}" run --at-login'
  ${EndIf}
FunctionEnd

; --- uninstalling -----------------------------------------------------------------------

Function un.onInit
  SetRegView 64
  ${un.ReadSwitch} $LogFile "/LOG="
  Call un.OpenTelling
  ${un.ReadSwitch} $0 "/WAIT="
  Call un.SetWait
  ReadRegStr $0 HKLM "${UNINSTALL_KEY}" "InstallLocation"
  ${If} $0 == $INSTDIR
    StrCpy $ForAll 1
    SetShellVarContext all
    Call un.NeedAdministrator
  ${Else}
    StrCpy $ForAll 0
    SetShellVarContext current
  ${EndIf}
FunctionEnd

Function un.NeedAdministrator
  UserInfo::GetAccountType
  Pop $0
  ${If} $0 == "Admin"
    Return
  ${EndIf}
  ${If} ${Silent}
    ${un.Refuse} ${NEEDS_ADMINISTRATOR} "Only an administrator can remove screenpop for everybody."
  ${EndIf}
  ExecShell "runas" "$INSTDIR\uninstall.exe"
  Quit
FunctionEnd

Section "Uninstall"
  Call un.CloseApp
  Delete "$SMPROGRAMS\${PRODUCT}.lnk"
  !insertmacro RemoveLinks SHCTX ""
  ${If} $ForAll == 1
    DeleteRegKey HKLM "${FIRST_LOGIN_KEY}"
  ${EndIf}
  Call un.ForgetUsers
  ReadRegStr $0 SHCTX "${UNINSTALL_KEY}" "Policy"
  ${If} $0 != ""
    Delete "$0"
  ${EndIf}
  ${If} $ForAll == 1
    RMDir "$APPDATA\${PRODUCT}"
  ${EndIf}
  DeleteRegKey SHCTX "${UNINSTALL_KEY}"
  SetOutPath "$TEMP"
  RMDir /r "${APP}"
  RMDir /r "$INSTDIR\app.new"
  RMDir /r "$INSTDIR\app.old"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  System::Call 'shell32::SHChangeNotify(i 0x8000000, i 0, p 0, p 0)'
  ${un.Tell} "screenpop is removed; its users' calls and settings are where they were"
  ${If} ${FileExists} "${APP}\*.*"
    SetErrorLevel ${FAILED}
  ${Else}
    SetErrorLevel ${DONE}
  ${EndIf}
SectionEnd

; What users switched on in the settings of the program itself. Of those who are not
; logged in, Windows shows nothing; their entries lead nowhere from now on.
Function un.ForgetUsers
  StrCpy $R0 0
  ${Do}
    EnumRegKey $R1 HKU "" $R0
    ${If} $R1 == ""
      ${ExitDo}
    ${EndIf}
    IntOp $R0 $R0 + 1
    ${If} $ForAll == 1
      DeleteRegKey HKU "$R1\${FIRST_LOGIN_KEY}"
    ${EndIf}
    ReadRegStr $0 HKU "$R1\${RUN_KEY}" "${RUN_NAME}"
    ${UnStrStr} $1 $0 "${APP}\"
    ${If} $1 != ""
      DeleteRegValue HKU "$R1\${RUN_KEY}" "${RUN_NAME}"
      DeleteRegValue HKU "$R1\${APPROVED_KEY}" "${RUN_NAME}"
    ${EndIf}
    ReadRegStr $0 HKU "$R1\${LINK_COMMAND_KEY}" ""
    ${UnStrStr} $1 $0 "${APP}\"
    ${If} $1 != ""
      !insertmacro RemoveLinks HKU "$R1\"
    ${EndIf}
  ${Loop}
FunctionEnd
